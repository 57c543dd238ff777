import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { FINDER_VERSION, MESH_POINTS } from "../faces/index.ts";
import type { DataItem } from "./data-index.ts";
import { openWhole, RecordWriter, readExactly } from "./record-file.ts";

/**
 * Faces are stored wider than the network sees them, so that each pass over the data can move, scale and blend before
 * it cuts the final crop; and pixel for pixel, so that training sees them resampled once, as use does. Only larger ones
 * are shrunk, to `maxSidePx`.
 */
export const STORED_CROP = { maxSidePx: 400, margin: 2 } as const;

const MESH_BYTES = MESH_POINTS * 2 * 4;

/** One face of the store. */
export interface StoredFace extends Omit<DataItem, "path" | "crop"> {
  /** Longer side of the mesh's box in the original picture, pixels. */
  readonly facePx: number;
  /** Where in a video; null for an image. */
  readonly timeSec: number | null;
}

export interface FacePixels {
  /** RGB uint8 [sidePx, sidePx, 3]. */
  readonly data: Uint8Array;
  readonly sidePx: number;
  /** The face's box in the stored crop: its centre, and its longer side. */
  readonly box: { readonly centreX: number; readonly centreY: number; readonly longerSidePx: number };
  /** 468 points (x, y) in pixels of the stored crop; length 936. */
  readonly mesh: Float32Array;
}

/** Where the pixels of a face lie in `faces.bin`; behind them its mesh. */
type Place = Pick<FacePixels, "sidePx" | "box"> & { readonly offset: number };

/**
 * Names the store of a data set: changes with the index, the place of its files, the crop and the finder.
 *
 * A picture that is replaced under the same name is not noticed: remove the cache folder then.
 */
export async function datasetFolder(indexPath: string): Promise<string> {
  const hash = createHash("sha256")
    .update(await readFile(indexPath))
    .update(JSON.stringify([resolve(indexPath), STORED_CROP, FINDER_VERSION]));
  return `faces-${hash.digest("hex").slice(0, 12)}`;
}

/** A line of `faces.jsonl`. */
interface StoredRecord {
  readonly face: StoredFace;
  readonly place: Place;
}

/** Faces to train with, of one data set or of several. */
export interface Dataset {
  readonly faces: readonly StoredFace[];
  /** @param index position in `faces` */
  read(index: number): Promise<FacePixels>;
  close(): Promise<void>;
}

/** Faces cut once from a data set and kept on disk: `faces.jsonl`, and pixels in `faces.bin`. */
export class FaceDataset implements Dataset {
  readonly folder: string;
  readonly faces: readonly StoredFace[];
  readonly #places: readonly Place[];
  readonly #file: FileHandle;

  private constructor(folder: string, records: readonly StoredRecord[], file: FileHandle) {
    this.folder = folder;
    this.faces = records.map(({ face }) => face);
    this.#places = records.map(({ place }) => place);
    this.#file = file;
  }

  /** Opens a finished store; null when there is none in the folder. */
  static async open(folder: string): Promise<FaceDataset | null> {
    const records: StoredRecord[] = [];
    try {
      const lines = createInterface({
        input: createReadStream(join(folder, "faces.jsonl")),
        crlfDelay: Infinity,
      });
      for await (const line of lines) records.push(JSON.parse(line) as StoredRecord);
    } catch {
      return null;
    }
    const last = records.at(-1)?.place;
    const bytes = last === undefined ? 0 : last.offset + 3 * last.sidePx ** 2 + MESH_BYTES;
    const file = await openWhole(join(folder, "faces.bin"), bytes);
    return file && new FaceDataset(folder, records, file);
  }

  /** @param index position in `faces` */
  async read(index: number): Promise<FacePixels> {
    const { offset, sidePx, box } = this.#places[index]!;
    const pixelBytes = sidePx * sidePx * 3;
    const pixels = Buffer.allocUnsafeSlow(pixelBytes);
    const mesh = Buffer.allocUnsafeSlow(MESH_BYTES);
    await readExactly(this.#file, pixels, offset);
    await readExactly(this.#file, mesh, offset + pixelBytes);
    return {
      data: new Uint8Array(pixels.buffer, 0, pixelBytes),
      sidePx,
      box,
      mesh: new Float32Array(mesh.buffer, 0, MESH_POINTS * 2),
    };
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

/** Writes a store; nothing that `FaceDataset.open` would take exists before `finish`. */
export class FaceDatasetWriter {
  readonly #store: RecordWriter;
  readonly #records: StoredRecord[] = [];

  private constructor(store: RecordWriter) {
    this.#store = store;
  }

  static async create(folder: string): Promise<FaceDatasetWriter> {
    await mkdir(folder, { recursive: true });
    return new FaceDatasetWriter(await RecordWriter.create(folder, "faces"));
  }

  async add(face: StoredFace, pixels: FacePixels): Promise<void> {
    const { data, sidePx, box, mesh } = pixels;
    this.#records.push({ face, place: { offset: this.#store.length, sidePx, box } });
    await this.#store.append(data);
    await this.#store.append(new Uint8Array(mesh.buffer, mesh.byteOffset, MESH_BYTES));
  }

  /** Leaves no store: what was written is removed. */
  async abandon(): Promise<void> {
    await this.#store.abandon();
  }

  async finish(): Promise<void> {
    await this.#store.finish(this.#records);
  }
}
