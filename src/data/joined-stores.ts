import { CropStore, type FacePixels, type FaceSource, type StoredFace } from "./crop-store.ts";

/** The faces of several stores, one after the other. */
export class JoinedStores implements FaceSource {
  readonly folders: readonly string[];
  readonly faces: readonly StoredFace[];
  readonly #stores: readonly CropStore[];

  constructor(stores: readonly CropStore[]) {
    this.#stores = stores;
    this.folders = stores.map((store) => store.folder);
    this.faces = stores.flatMap((store) => store.faces);
  }

  /** @param folders of finished stores */
  static async open(folders: readonly string[]): Promise<JoinedStores> {
    return new JoinedStores(
      await Promise.all(folders.map(async (folder) => (await CropStore.open(folder))!)),
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
