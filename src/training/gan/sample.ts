import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, extname, join, resolve } from "node:path";
import { type Random, seededRandom, tf, useBackend } from "../../engine/index.ts";
import { TelltaleError } from "../../errors.ts";
import { replaceFile, writeWhole } from "../../files/write-file.ts";
import { encodePng, resizePicture, writeVideo } from "../../media/index.ts";
import { type Generator, generate, loadGenerator } from "../../networks/index.ts";
import { layOut, toBytes, writeGrid } from "../picture-grid.ts";
import { networksFolder } from "./initial-weights.ts";
import type { SampleOptions } from "./sample-options.ts";

/** Batch size. */
const BATCH = 16;
/** Source of the generated faces in the index. */
const SOURCE = "telltale-gan";
/** Distinguish the uses of the seed. */
const [LATENTS, CLASSES] = [0x5a3e, 0xc1a5];

/**
 * Generates faces: a grid as PNG, an interpolation as MP4, or single pictures in a folder. Face k of a seed does not depend
 * on the count.
 *
 * @returns number of generated pictures
 * @throws TelltaleError `MODEL_MISSING`, `MODEL_INVALID`, `OUTPUT_UNWRITABLE`; `USAGE` for another extension or an unknown
 *   class; errors of `writeVideo`
 */
export async function sample(options: SampleOptions, signal?: AbortSignal): Promise<number> {
  const ending = extname(options.out).toLowerCase();
  const isFolder = /[\\/]$/.test(options.out);
  if (!isFolder && ![".png", ".mp4"].includes(ending)) {
    throw new TelltaleError(
      "USAGE",
      `Expected --out to end in .png, .mp4 or a slash but received ${options.out}.`,
    );
  }
  await requireFolder(options.out);
  await useBackend(options.backend);
  const { generator } = await loadGenerator(networksFolder(options.from));
  try {
    checkLabel(generator, options.label);
    const isVideo = ending === ".mp4" && !isFolder;
    const style = { truncation: options.truncation, classOf: classesOf(generator, options, isVideo) };
    const latentAt = (k: number) => latentOf(generator, options.seed, k);
    const side = generator.network.resolution;
    if (isVideo) {
      const latents = Array.from({ length: options.count }, (_, k) => latentAt(k));
      const frames = interpolate(latents, Math.max(1, Math.round(options.seconds * options.fps)));
      const pictures = singleImages(
        generateBatches(generator, frames.length, (k) => frames[k]!, style),
        side,
      );
      await replaceFile(options.out, (temporary) =>
        writeVideo(temporary, {
          ...{ width: side, height: side, fps: options.fps, pictures },
          ...(signal && { signal }),
        }),
      );
      return frames.length;
    }
    const batches = generateBatches(generator, options.count, latentAt, style);
    if (isFolder)
      await writeEach(options.out, singleImages(batches, side), generator.network, options.side, signal);
    else {
      const all = Buffer.concat([...unlessStopped(batches, signal)]);
      await writeGrid(
        options.out,
        layOut(new Uint8Array(all), side, Math.min(options.columns, options.count)),
      );
    }
    return options.count;
  } finally {
    generator.parameters.dispose();
  }
}

function latentOf(generator: Generator, seed: number, k: number): Float32Array {
  const random = seededRandom(seed, k, LATENTS);
  return Float32Array.from({ length: generator.network.latent }, () => random.normal());
}

/** @throws TelltaleError `OUTPUT_UNWRITABLE` if the folder of the output file does not exist */
async function requireFolder(out: string): Promise<void> {
  const folder = dirname(resolve(out));
  if (/[\\/]$/.test(out) || existsSync(folder)) return;
  throw new TelltaleError(
    "OUTPUT_UNWRITABLE",
    `Expected a folder at ${folder} for ${out}, but there is none: make it first.`,
  );
}

/** Class of the k-th face: the given one, else random. An interpolation keeps the class of the first face. */
function classesOf(
  { network: { classes } }: Generator,
  { label, seed }: SampleOptions,
  isVideo: boolean,
): ((k: number) => number) | null {
  if (classes === 0) return null;
  return (k) => label ?? Math.floor(seededRandom(seed, isVideo ? 0 : k, CLASSES).uniform() * classes);
}

/** @throws TelltaleError `USAGE` for an unknown class */
function checkLabel({ network: { classes } }: Generator, label: number | undefined): void {
  if (label === undefined || label < classes) return;
  const expected =
    classes === 0 ? "no --label, since the generator has no classes," : `--label below ${classes}`;
  throw new TelltaleError("USAGE", `Expected ${expected} but received ${label}.`);
}

/** Generates batches lazily. @returns RGB uint8 [N, side, side, 3] with N of at most 16 */
function* generateBatches(
  generator: Generator,
  count: number,
  latentAt: (k: number) => Float32Array,
  { truncation, classOf }: { truncation: number; classOf: ((k: number) => number) | null },
): Iterable<Uint8Array> {
  const { network } = generator;
  for (let i = 0; i < count; i += BATCH) {
    const some = Array.from({ length: Math.min(BATCH, count - i) }, (_, k) => latentAt(i + k));
    const values = Float32Array.from(some.flatMap((latent) => [...latent]));
    // Architectures without styles scale the latent instead (Brock et al. 2019).
    if (network.architecture !== "style") for (const [k, v] of values.entries()) values[k] = v * truncation;
    const input = tf.tensor2d(values, [some.length, network.latent]);
    const random = fixedRandom();
    const labels = classOf === null ? {} : { labels: some.map((_, k) => classOf(i + k)) };
    const images = generate(generator, input, { mode: "inference", truncation, random, ...labels });
    const bytes = toBytes(images);
    tf.dispose([input, images]);
    yield bytes;
  }
}

/** The same noise for every batch, so that an interpolation does not flicker. */
const fixedRandom = (): Random => seededRandom(0);

/** Spherical interpolation from each latent to the next (White 2016), and back to the first. */
export function interpolate(latents: readonly Float32Array[], framesEach: number): Float32Array[] {
  return latents.flatMap((from, k) => {
    const to = latents[(k + 1) % latents.length]!;
    return Array.from({ length: framesEach }, (_, f) => slerp(from, to, f / framesEach));
  });
}

function slerp(a: Float32Array, b: Float32Array, share: number): Float32Array {
  const length = (v: Float32Array) => Math.hypot(...v);
  const dot = a.reduce((sum, value, i) => sum + value * b[i]!, 0) / (length(a) * length(b));
  const angle = Math.acos(Math.min(1, Math.max(-1, dot)));
  if (angle < 1e-6) return a;
  const [left, right] = [Math.sin((1 - share) * angle), Math.sin(share * angle)].map(
    (s) => s / Math.sin(angle),
  );
  return a.map((value, i) => value * left! + b[i]! * right!);
}

/** Splits batches into single images. */
function* singleImages(batches: Iterable<Uint8Array>, side: number): Iterable<Uint8Array> {
  const bytes = side * side * 3;
  for (const batch of batches) {
    for (let i = 0; i < batch.length; i += bytes) yield batch.slice(i, i + bytes);
  }
}

function* unlessStopped<Item>(items: Iterable<Item>, signal: AbortSignal | undefined): Iterable<Item> {
  for (const item of items) {
    signal?.throwIfAborted();
    yield item;
  }
}

/** Writes one PNG per face, and an index.csv for `train detector --data`, also after an abort. */
async function writeEach(
  folder: string,
  pictures: Iterable<Uint8Array>,
  { architecture, resolution }: Generator["network"],
  side = resolution,
  signal?: AbortSignal,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const rows = ["file,source,label,generator,group"];
  try {
    for (const data of unlessStopped(pictures, signal)) {
      const made = { width: resolution, height: resolution, data };
      const name = `${String(rows.length - 1).padStart(6, "0")}.png`;
      const picture = side === resolution ? made : await resizePicture(made, { width: side, height: side });
      await writeWhole(join(folder, name), await encodePng(picture));
      rows.push([name, SOURCE, "fake", architecture, name].join(","));
    }
  } finally {
    await writeWhole(join(folder, "index.csv"), `${rows.join("\n")}\n`);
  }
}
