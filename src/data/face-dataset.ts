import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { FINDER_VERSION, MESH_POINTS } from "../faces/index.ts";
import type { DataItem } from "./data-index.ts";
import { openWhole, RecordWriter, readExactly } from "./record-file.ts";

/**
 * Stored crops are wider than the network input, so that training can shift, scale and blend before the final crop. They
 * keep the pixels of the picture, so that training resamples once, as detection does; crops above `maxSidePx` are shrunk.
 */
export const STORED_CROP = { maxSidePx: 400, margin: 2 } as const;

const MESH_BYTES = MESH_POINTS * 2 * 4;

/** One stored face. */
export interface StoredFace extends Omit<DataItem, "path" | "crop"> {
  /** Longer side of the mesh's box in the original picture, pixels. */
  readonly facePx: number;
  /** Time in a video; null for an image. */
  readonly timeSec: number | null;
}

export interface FacePixels {
  /** RGB uint8 [sidePx, sidePx, 3]. */
  readonly data: Uint8Array;
  readonly sidePx: number;
  /** Box of the face in the stored crop, pixels. */
  readonly box: { readonly centreX: number; readonly centreY: number; readonly longerSidePx: number };
  /** 468 points (x, y) in pixels of the stored crop; length 936. */
  readonly mesh: Float32Array;
}

/** Position of a face in `faces.bin`: its pixels, followed by its mesh. */
type RecordPosition = Pick<FacePixels, "sidePx" | "box"> & { readonly offset: number };

/**
 * Name of the cache folder of an index. It depends on the content and path of the index, the crop and the face finder.
 *
 * A picture that is replaced under the same name is not noticed; remove the cache folder in that case.
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
  readonly place: RecordPosition;
}

/** Faces with random access by index. */
export interface Dataset {
  readonly faces: readonly StoredFace[];
  /** @param index index in `faces` */
  read(index: number): Promise<FacePixels>;
  close(): Promise<void>;
}

/** Faces of one index, cropped once and kept on disk in `faces.jsonl` and `faces.bin`. */
export class FaceDataset implements Dataset {
  readonly folder: string;
  readonly faces: readonly StoredFace[];
  readonly #places: readonly RecordPosition[];
  readonly #file: FileHandle;

  private constructor(folder: string, records: readonly StoredRecord[], file: FileHandle) {
    this.folder = folder;
    this.faces = records.map(({ face }) => face);
    this.#places = records.map(({ place }) => place);
    this.#file = file;
  }

  /** Opens a finished dataset; null if the folder has none. */
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

  /** @param index index in `faces` */
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

/** Writes a dataset. `FaceDataset.open` finds it only after `finish`. */
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

  /** Removes everything that was written. */
  async abandon(): Promise<void> {
    await this.#store.abandon();
  }

  async finish(): Promise<void> {
    await this.#store.finish(this.#records);
  }
}
