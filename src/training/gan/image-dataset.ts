import { createHash } from "node:crypto";
import { type FileHandle, mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { DataItem } from "../../data/data-index.ts";
import { type ExtractHooks, extractCrops } from "../../data/extract-crops.ts";
import { datasetFolder, FaceDataset } from "../../data/face-dataset.ts";
import { openWhole, RecordWriter, readExactly } from "../../data/record-file.ts";
import { collectUnreadable, repeatUnreadable } from "../../data/unreadable-files.ts";
import { TelltaleError } from "../../errors.ts";
import { cropCentered } from "../face-crops.ts";
import type { ImageCropJob } from "./image-crop-worker.ts";
import type { MediaList } from "./media-list.ts";

/** Origin of a stored image. */
export interface StoredImage {
  readonly source: string;
  readonly group: string;
  readonly attributes: string;
  readonly isVideo: boolean;
}

/** How images are extracted from media. */
export interface ImageSpec {
  readonly crop: "face" | "whole";
  readonly margin: number;
  readonly sizePx: number;
  readonly framesPerVideo: number;
}

/** Version of the cached files. */
const VERSION = 2;

/** Images of one size, cropped once: `pictures.jsonl`, and records of size * size * 3 bytes in `pictures.bin`. */
export class ImageDataset {
  readonly folder: string;
  readonly pictures: readonly StoredImage[];
  readonly sizePx: number;
  readonly #file: FileHandle;

  private constructor(folder: string, pictures: readonly StoredImage[], sizePx: number, file: FileHandle) {
    this.folder = folder;
    this.pictures = pictures;
    this.sizePx = sizePx;
    this.#file = file;
  }

  /** Opens a finished dataset; null if there is none. */
  static async open(folder: string, sizePx: number): Promise<ImageDataset | null> {
    const text = await readFile(join(folder, "pictures.jsonl"), "utf8").catch(() => null);
    if (text === null) return null;
    const pictures = text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as StoredImage);
    const file = await openWhole(join(folder, "pictures.bin"), pictures.length * sizePx * sizePx * 3);
    return file && new ImageDataset(folder, pictures, sizePx, file);
  }

  /** Reads one image, RGB uint8 [size, size, 3], into the target at `offset`. */
  async readInto(target: Uint8Array, offset: number, index: number): Promise<void> {
    const bytes = this.sizePx * this.sizePx * 3;
    await readExactly(this.#file, target.subarray(offset, offset + bytes), index * bytes);
  }

  /** Reads images. @returns RGB uint8 [N, size, size, 3] */
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
 * Extracts the images for a GAN, once per data and size. Faces that `train detector` has already cropped from the same index
 * are reused.
 *
 * @throws TelltaleError `DATA_INVALID` if there are no images
 */
export async function prepareImages(
  list: MediaList,
  spec: ImageSpec,
  options: { cacheFolder: string; on?: ExtractHooks },
): Promise<ImageDataset> {
  const sources = [...new Set(list.items.map(({ source }) => source))].sort();
  const key = createHash("sha256")
    .update(JSON.stringify([VERSION, list.fingerprint, list.sha256, spec, sources]))
    .digest("hex");
  const folder = join(options.cacheFolder, `pictures-${key.slice(0, 12)}`);
  const existing = await ImageDataset.open(folder, spec.sizePx);
  const { hooks, write } = collectUnreadable(options.on ?? {});
  if (existing !== null) {
    await repeatUnreadable(folder, hooks);
    return existing;
  }
  await mkdir(folder, { recursive: true });
  const writer = await RecordWriter.create(folder, "pictures");
  const kept: StoredImage[] = [];
  const add = async ({ source, group, attributes, isVideo }: StoredImage, pixels: Uint8Array) => {
    await writer.append(pixels);
    kept.push({ source, group, attributes, isVideo });
  };
  try {
    const faces = await cachedFaces(list, spec, options.cacheFolder);
    if (faces === null) await extractAll(list, spec, add, hooks);
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
  return (await ImageDataset.open(folder, spec.sizePx))!;
}

type Add = (picture: StoredImage, pixels: Uint8Array) => Promise<void>;

async function cachedFaces(list: MediaList, spec: ImageSpec, cache: string): Promise<FaceDataset | null> {
  if (list.indexPath === null || spec.crop !== "face") return null;
  return FaceDataset.open(join(cache, await datasetFolder(list.indexPath)));
}

async function resample(
  faces: FaceDataset,
  list: MediaList,
  spec: ImageSpec,
  add: Add,
  { onProgress, signal }: ExtractHooks,
): Promise<void> {
  const wanted = new Set(list.items.map(({ file, source }) => `${source}/${file}`));
  try {
    for (const [i, face] of faces.faces.entries()) {
      signal?.throwIfAborted();
      if (wanted.has(`${face.source}/${face.file}`)) {
        await add(face, cropCentered(await faces.read(i), { sizePx: spec.sizePx, margin: spec.margin }));
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

async function extractAll(list: MediaList, spec: ImageSpec, add: Add, on: ExtractHooks): Promise<void> {
  const pictures = extractCrops<DataItem, ImageCropJob, Uint8Array>(list.items, {
    module: (extension) => new URL(`./image-crop-worker.${extension}`, import.meta.url),
    workerData: { crop: spec.crop },
    jobOf: ({ path, isVideo, crop }) => ({ path, isVideo, filter: crop, ...spec }),
    on,
  });
  for await (const { item, crops } of pictures) {
    for (const pixels of crops) await add(item, pixels);
  }
}
