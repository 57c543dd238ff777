import { type Dataset, FaceDataset, type FacePixels, type StoredFace } from "./face-dataset.ts";

/** Concatenates datasets. */
export class ConcatDataset implements Dataset {
  readonly folders: readonly string[];
  readonly faces: readonly StoredFace[];
  readonly #datasets: readonly FaceDataset[];

  constructor(datasets: readonly FaceDataset[]) {
    this.#datasets = datasets;
    this.folders = datasets.map((dataset) => dataset.folder);
    this.faces = datasets.flatMap((dataset) => dataset.faces);
  }

  /** @param folders folders of finished datasets */
  static async open(folders: readonly string[]): Promise<ConcatDataset> {
    return new ConcatDataset(
      await Promise.all(folders.map(async (folder) => (await FaceDataset.open(folder))!)),
    );
  }

  async read(index: number): Promise<FacePixels> {
    let rest = index;
    for (const dataset of this.#datasets) {
      if (rest < dataset.faces.length) return dataset.read(rest);
      rest -= dataset.faces.length;
    }
    throw new RangeError(`Expected an index below ${this.faces.length} but received ${index}.`);
  }

  async close(): Promise<void> {
    for (const dataset of this.#datasets) await dataset.close();
  }
}
