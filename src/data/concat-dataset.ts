import { type Dataset, FaceDataset, type FacePixels, type StoredFace } from "./face-dataset.ts";

/** The faces of several stores, one after the other. */
export class ConcatDataset implements Dataset {
  readonly folders: readonly string[];
  readonly faces: readonly StoredFace[];
  readonly #stores: readonly FaceDataset[];

  constructor(stores: readonly FaceDataset[]) {
    this.#stores = stores;
    this.folders = stores.map((store) => store.folder);
    this.faces = stores.flatMap((store) => store.faces);
  }

  /** @param folders of finished stores */
  static async open(folders: readonly string[]): Promise<ConcatDataset> {
    return new ConcatDataset(
      await Promise.all(folders.map(async (folder) => (await FaceDataset.open(folder))!)),
    );
  }

  async read(index: number): Promise<FacePixels> {
    let left = index;
    for (const store of this.#stores) {
      if (left < store.faces.length) return store.read(left);
      left -= store.faces.length;
    }
    throw new RangeError(`Expected a position below ${this.faces.length} but received ${index}.`);
  }

  async close(): Promise<void> {
    for (const store of this.#stores) await store.close();
  }
}
