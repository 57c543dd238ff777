import { createHash } from "node:crypto";
import { type FileHandle, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { CropStore, storeName } from "../../data/crop-store.ts";
import { type CutHooks, cutFiles } from "../../data/cut-files.ts";
import type { DataItem } from "../../data/data-index.ts";
import { openWhole, readExactly, StoreWriter } from "../../data/store-file.ts";
import { collectUnreadable, repeatUnreadable } from "../../data/unreadable-files.ts";
import { TelltaleError } from "../../errors.ts";
import { cutPlainCrop } from "../cut-crop.ts";
import type { MediaList } from "./media-list.ts";
import type { CutJob } from "./picture-cutter.ts";

/** Where a stored picture comes from. */
export interface StoredPicture {
  readonly source: string;
  readonly group: string;
  readonly attributes: string;
  readonly isVideo: boolean;
}

/** How pictures are made of media. */
export interface PictureSpec {
  readonly crop: "face" | "whole";
  readonly margin: number;
  readonly sizePx: number;
  readonly framesPerVideo: number;
}

/** Raised with every change of what is kept. */
const VERSION = 2;

/** Pictures of one size, cut once and packed: `pictures.jsonl` and records of size * size * 3 bytes in `pictures.bin`. */
export class PictureStore {
  readonly folder: string;
  readonly pictures: readonly StoredPicture[];
  readonly sizePx: number;
  readonly #file: FileHandle;

  private constructor(folder: string, pictures: readonly StoredPicture[], sizePx: number, file: FileHandle) {
    this.folder = folder;
    this.pictures = pictures;
    this.sizePx = sizePx;
    this.#file = file;
  }

  /** Opens a finished store; null when there is none. */
  static async open(folder: string, sizePx: number): Promise<PictureStore | null> {
    const text = await readFile(join(folder, "pictures.jsonl"), "utf8").catch(() => null);
    if (text === null) return null;
    const pictures = text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as StoredPicture);
    const file = await openWhole(join(folder, "pictures.bin"), pictures.length * sizePx * sizePx * 3);
    return file && new PictureStore(folder, pictures, sizePx, file);
  }

  /** @returns RGB uint8 [size, size, 3], in the target from `offset` on */
  async readInto(target: Uint8Array, offset: number, index: number): Promise<void> {
    const bytes = this.sizePx * this.sizePx * 3;
    await readExactly(this.#file, target.subarray(offset, offset + bytes), index * bytes);
  }

  /** Several pictures in one array, RGB uint8 [N, size, size, 3]. */
  async read(indices: readonly number[]): Promise<Uint8Array> {
    const bytes = this.sizePx * this.sizePx * 3;
    const all = new Uint8Array(indices.length * bytes);
    for (const [i, index] of indices.entries()) await this.readInto(all, i * bytes, index);
    return all;
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

/**
 * Cuts the pictures that a GAN learns from, once for each data set and size.
 *
 * Faces that an earlier `train detector` has cut out of the same index are taken from its store.
 *
 * @throws TelltaleError `DATA_INVALID` when no picture came out
 */
export async function preparePictures(
  list: MediaList,
  spec: PictureSpec,
  options: { cacheFolder: string; on?: CutHooks },
): Promise<PictureStore> {
  const sources = [...new Set(list.items.map(({ source }) => source))].sort();
  const key = createHash("sha256")
    .update(JSON.stringify([VERSION, list.fingerprint, list.sha256, spec, sources]))
    .digest("hex");
  const folder = join(options.cacheFolder, `pictures-${key.slice(0, 12)}`);
  const existing = await PictureStore.open(folder, spec.sizePx);
  const { hooks, write } = collectUnreadable(options.on ?? {});
  if (existing !== null) {
    await repeatUnreadable(folder, hooks);
    return existing;
  }
  await mkdir(folder, { recursive: true });
  const writer = await StoreWriter.create(folder, "pictures");
  const kept: StoredPicture[] = [];
  const add = async ({ source, group, attributes, isVideo }: StoredPicture, pixels: Uint8Array) => {
    await writer.append(pixels);
    kept.push({ source, group, attributes, isVideo });
  };
  try {
    const faces = await earlierFaces(list, spec, options.cacheFolder);
    if (faces === null) await cutAll(list, spec, add, hooks);
    else await resample(faces, list, spec, add, hooks);
    if (kept.length === 0) {
      const what = spec.crop === "face" ? "a face" : "a picture";
      throw new TelltaleError("DATA_INVALID", `Expected ${what} in the data, but none was found.`);
    }
    await write(folder);
  } catch (error) {
    await writer.abandon();
    throw error;
  }
  await writer.finish(kept);
  return (await PictureStore.open(folder, spec.sizePx))!;
}

type Add = (picture: StoredPicture, pixels: Uint8Array) => Promise<void>;

async function earlierFaces(list: MediaList, spec: PictureSpec, cache: string): Promise<CropStore | null> {
  if (list.indexPath === null || spec.crop !== "face") return null;
  return CropStore.open(join(cache, await storeName(list.indexPath)));
}

async function resample(
  faces: CropStore,
  list: MediaList,
  spec: PictureSpec,
  add: Add,
  { onProgress, signal }: CutHooks,
): Promise<void> {
  const wanted = new Set(list.items.map(({ file, source }) => `${source}/${file}`));
  try {
    for (const [i, face] of faces.faces.entries()) {
      signal?.throwIfAborted();
      if (wanted.has(`${face.source}/${face.file}`)) {
        await add(face, cutPlainCrop(await faces.read(i), { sizePx: spec.sizePx, margin: spec.margin }));
      }
      const done = i + 1;
      if (done % 1000 === 0 || done === faces.faces.length) {
        onProgress?.({ done, total: faces.faces.length, withoutFace: 0, unreadable: 0 });
      }
    }
  } finally {
    await faces.close();
  }
}

async function cutAll(list: MediaList, spec: PictureSpec, add: Add, on: CutHooks): Promise<void> {
  const pictures = cutFiles<DataItem, CutJob, Uint8Array>(list.items, {
    module: (extension) => new URL(`./picture-cutter.${extension}`, import.meta.url),
    workerData: { crop: spec.crop },
    jobOf: ({ path, isVideo, crop }) => ({ path, isVideo, filter: crop, ...spec }),
    on,
  });
  for await (const { item, cuts } of pictures) {
    for (const pixels of cuts) await add(item, pixels);
  }
}
