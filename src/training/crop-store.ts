import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open, readFile, rename, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { type CropSpec, FINDER_VERSION, MESH_POINTS } from "../faces/index.ts";
import type { DataItem } from "./data-index.ts";

/**
 * Faces are stored wider and finer than the network sees them, so that each pass over the data can move, scale
 * and blend before it cuts the final crop.
 */
export const STORED_CROP: CropSpec = { sizePx: 256, margin: 1.6 };

const PIXEL_BYTES = STORED_CROP.sizePx * STORED_CROP.sizePx * 3;
const MESH_BYTES = MESH_POINTS * 2 * 4;
const RECORD_BYTES = PIXEL_BYTES + MESH_BYTES;

/** One face of the store. */
export interface StoredFace extends Omit<DataItem, "path" | "crop"> {
  /** Longer side of the mesh's box in the original picture, pixels. */
  readonly facePx: number;
  /** Where in a video; null for an image. */
  readonly timeSec: number | null;
}

export interface FacePixels {
  /** RGB uint8 [256, 256, 3]. */
  readonly data: Uint8Array;
  /** 468 points (x, y) in pixels of the stored crop; length 936. */
  readonly mesh: Float32Array;
}

/**
 * Names the store of a data set: changes with the index, the place of its files, the crop and the finder.
 *
 * A picture that is replaced under the same name is not noticed: remove the cache folder then.
 */
export async function storeName(indexPath: string): Promise<string> {
  const hash = createHash("sha256")
    .update(await readFile(indexPath))
    .update(JSON.stringify([resolve(indexPath), STORED_CROP, FINDER_VERSION]));
  return `faces-${hash.digest("hex").slice(0, 12)}`;
}

/** Faces to train with, of one data set or of several. */
export interface FaceSource {
  readonly faces: readonly StoredFace[];
  /** @param index position in `faces` */
  read(index: number): Promise<FacePixels>;
  close(): Promise<void>;
}

/** Faces cut once from a data set and kept on disk: `faces.jsonl` and fixed-size records in `faces.bin`. */
export class CropStore implements FaceSource {
  readonly folder: string;
  readonly faces: readonly StoredFace[];
  readonly #file: FileHandle;

  private constructor(folder: string, faces: readonly StoredFace[], file: FileHandle) {
    this.folder = folder;
    this.faces = faces;
    this.#file = file;
  }

  /** Opens a finished store; null when there is none in the folder. */
  static async open(folder: string): Promise<CropStore | null> {
    const faces: StoredFace[] = [];
    try {
      const lines = createInterface({
        input: createReadStream(join(folder, "faces.jsonl")),
        crlfDelay: Infinity,
      });
      for await (const line of lines) faces.push(JSON.parse(line) as StoredFace);
    } catch {
      return null;
    }
    return new CropStore(folder, faces, await open(join(folder, "faces.bin"), "r"));
  }

  /** @param index position in `faces` */
  async read(index: number): Promise<FacePixels> {
    const record = Buffer.allocUnsafeSlow(RECORD_BYTES);
    await this.#file.read(record, 0, RECORD_BYTES, index * RECORD_BYTES);
    return {
      data: new Uint8Array(record.buffer, 0, PIXEL_BYTES),
      mesh: new Float32Array(record.buffer, PIXEL_BYTES, MESH_POINTS * 2),
    };
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

/** Writes a store; nothing that `CropStore.open` would take exists before `finish`. */
export class CropStoreWriter {
  readonly #folder: string;
  readonly #file: FileHandle;
  readonly #faces: StoredFace[] = [];

  private constructor(folder: string, file: FileHandle) {
    this.#folder = folder;
    this.#file = file;
  }

  static async create(folder: string): Promise<CropStoreWriter> {
    await mkdir(folder, { recursive: true });
    return new CropStoreWriter(folder, await open(join(folder, "faces.bin"), "w"));
  }

  async add(face: StoredFace, pixels: FacePixels): Promise<void> {
    const offset = this.#faces.length * RECORD_BYTES;
    this.#faces.push(face);
    await this.#file.write(pixels.data, 0, PIXEL_BYTES, offset);
    const mesh = new Uint8Array(pixels.mesh.buffer, pixels.mesh.byteOffset, MESH_BYTES);
    await this.#file.write(mesh, 0, MESH_BYTES, offset + PIXEL_BYTES);
  }

  /** Leaves no store: without its list the folder is begun anew. */
  async abandon(): Promise<void> {
    await this.#file.close();
  }

  async finish(): Promise<void> {
    await this.#file.close();
    const partial = join(this.#folder, "faces.jsonl.partial");
    await writeFile(partial, this.#faces.map((face) => `${JSON.stringify(face)}\n`).join(""));
    await rename(partial, join(this.#folder, "faces.jsonl"));
  }
}
