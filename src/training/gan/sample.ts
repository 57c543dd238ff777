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

/** Faces made at once. */
const BATCH = 16;
/** Of generated faces in an index. */
const SOURCE = "telltale-gan";
/** Use of the seed, told apart. */
const [LATENTS, CLASSES] = [0x5a3e, 0xc1a5];

/**
 * Makes faces: a grid as PNG, a walk between faces as MP4, or single pictures in a folder.
 *
 * Face k of a seed is the same whatever the count.
 *
 * @returns number of pictures made
 * @throws TelltaleError `MODEL_MISSING`, `MODEL_INVALID`, `OUTPUT_UNWRITABLE`, `USAGE` for another ending or a class that
 *   there is not, errors of `writeVideo`
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
  await refuseMissingFolder(options.out);
  await useBackend(options.backend);
  const { generator } = await loadGenerator(networksFolder(options.from));
  try {
    checkLabel(generator, options.label);
    const isWalk = ending === ".mp4" && !isFolder;
    const look = { truncation: options.truncation, classOf: classesOf(generator, options, isWalk) };
    const latentAt = (k: number) => latentOf(generator, options.seed, k);
    const side = generator.network.resolution;
    if (isWalk) {
      const places = Array.from({ length: options.count }, (_, k) => latentAt(k));
      const frames = walk(places, Math.max(1, Math.round(options.seconds * options.fps)));
      const pictures = one(
        pictured(generator, frames.length, (k) => frames[k]!, look),
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
    const batches = pictured(generator, options.count, latentAt, look);
    if (isFolder) await writeEach(options.out, one(batches, side), generator.network, options.side, signal);
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

/** @throws TelltaleError `OUTPUT_UNWRITABLE` when the folder of a grid or a walk is not there */
async function refuseMissingFolder(out: string): Promise<void> {
  const folder = dirname(resolve(out));
  if (/[\\/]$/.test(out) || existsSync(folder)) return;
  throw new TelltaleError(
    "OUTPUT_UNWRITABLE",
    `Expected a folder at ${folder} for ${out}, but there is none: make it first.`,
  );
}

/** The class of the k-th face: the one asked for, else one that is drawn; of a walk, the first one's throughout. */
function classesOf(
  { network: { classes } }: Generator,
  { label, seed }: SampleOptions,
  isWalk: boolean,
): ((k: number) => number) | null {
  if (classes === 0) return null;
  return (k) => label ?? Math.floor(seededRandom(seed, isWalk ? 0 : k, CLASSES).uniform() * classes);
}

/** @throws TelltaleError `USAGE` for a class that the generator does not have */
function checkLabel({ network: { classes } }: Generator, label: number | undefined): void {
  if (label === undefined || label < classes) return;
  const expected =
    classes === 0 ? "no --label, since the generator has no classes," : `--label below ${classes}`;
  throw new TelltaleError("USAGE", `Expected ${expected} but received ${label}.`);
}

/** RGB uint8 [up to 16, side, side, 3] at a time, made when they are asked for. */
function* pictured(
  generator: Generator,
  count: number,
  latentAt: (k: number) => Float32Array,
  { truncation, classOf }: { truncation: number; classOf: ((k: number) => number) | null },
): Iterable<Uint8Array> {
  const { network } = generator;
  for (let i = 0; i < count; i += BATCH) {
    const some = Array.from({ length: Math.min(BATCH, count - i) }, (_, k) => latentAt(i + k));
    const values = Float32Array.from(some.flatMap((latent) => [...latent]));
    // Where there is no style to truncate, the latent itself is shortened (Brock et al. 2019).
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

/** The same noise for every batch: a walk must not flicker. */
const fixedRandom = (): Random => seededRandom(0);

/** From each place to the next on the sphere where normal latents lie (White 2016), and back to the first. */
export function walk(places: readonly Float32Array[], framesEach: number): Float32Array[] {
  return places.flatMap((from, k) => {
    const to = places[(k + 1) % places.length]!;
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

/** Batches of pictures -> single ones. */
function* one(batches: Iterable<Uint8Array>, side: number): Iterable<Uint8Array> {
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

/** One PNG each as they are made, and an index.csv that `train detector --data` takes, of those that there are if it is stopped. */
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
