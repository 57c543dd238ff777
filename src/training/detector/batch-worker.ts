import { workerData } from "node:worker_threads";
import {
  type Blend,
  degrade,
  eraseRandomly,
  isDegraded,
  selfBlend,
  swapBlend,
} from "../../augmentation/index.ts";
import { ConcatDataset } from "../../data/concat-dataset.ts";
import type { FacePixels } from "../../data/face-dataset.ts";
import { type Random, seededRandom, serveJobs } from "../../engine/index.ts";
import type { CropSpec } from "../../faces/index.ts";
import { CLASSES } from "../../networks/index.ts";
import {
  type CropTransform,
  cropAugmented,
  drawCropTransform,
  resizeCrop,
  withoutUpscaling,
} from "../face-crops.ts";
import { classOfFake, type PairSpec } from "./batch-sampler.ts";
import { CELL_PX, type FaceBatch } from "./face-batch.ts";

export interface BatchJob {
  readonly seed: number;
  readonly step: number;
  readonly pairs: readonly PairSpec[];
  readonly crop: CropSpec;
}

/** A pair of faces, and where the fake is fake: a mask, everywhere (1) or unknown (null). */
interface Pair {
  readonly real: Uint8Array;
  readonly fake: Uint8Array;
  readonly mask: { readonly values: Float32Array; readonly size: number } | 1 | null;
}

/** Number of draws for a mask that is not empty. */
const MAX_TRIES = 8;

// Worker thread: renders the pairs of one step.
await serveJobs<BatchJob, FaceBatch, null>(async () => {
  const store = await ConcatDataset.open(workerData.storeFolders);

  async function makePair(pair: PairSpec, crop: CropSpec, random: Random): Promise<Pair> {
    const framing = drawCropTransform(random);
    const face = await store.read(pair.real);
    if (pair.kind === "manipulated" || pair.kind === "synthetic") {
      const fake = await store.read(pair.fake);
      const mask = pair.kind === "synthetic" ? 1 : null;
      return { ...(await degradeAlike(face, fake, crop, framing, random)), mask };
    }
    const spec = withoutUpscaling(face, crop, framing);
    const target = cropAugmented(face, spec, framing);
    const other = pair.kind === "swap" ? cropAugmented(await store.read(pair.other), spec, framing) : null;
    let blended: Blend | null = null;
    for (let tries = 0; blended === null && tries < MAX_TRIES; tries++) {
      blended = other === null ? selfBlend(target, random) : swapBlend(target, other, random);
    }
    const { size } = target;
    const { real, forged, mask } = blended ?? {
      real: target.data,
      forged: target.data,
      mask: new Float32Array(size * size),
    };
    const [a, b] = await degradePair([real, forged], size, crop.sizePx, random);
    return { real: a!, fake: b!, mask: { values: mask, size } };
  }

  /** Crops and degrades both faces at the resolution of the smaller one. */
  async function degradeAlike(
    real: FacePixels,
    fake: FacePixels,
    crop: CropSpec,
    framing: CropTransform,
    random: Random,
  ): Promise<Omit<Pair, "mask">> {
    const specs = [real, fake].map((face) => withoutUpscaling(face, crop, framing));
    const spec = specs[0]!.sizePx < specs[1]!.sizePx ? specs[0]! : specs[1]!;
    const crops = [real, fake].map((face) => cropAugmented(face, spec, framing).data);
    const [a, b] = await degradePair(crops, spec.sizePx, crop.sizePx, random);
    return { real: a!, fake: b! };
  }

  return {
    ready: null,
    async work({ seed, step, pairs, crop }) {
      const bytes = crop.sizePx * crop.sizePx * 3;
      const cells = Math.floor(crop.sizePx / CELL_PX);
      const count = pairs.length * 2;
      const faces = new Uint8Array(count * bytes);
      const classes = new Uint8Array(count);
      const maps = new Float32Array(count * cells * cells);
      const mapWeights = new Float32Array(count).fill(1);
      for (const [i, spec] of pairs.entries()) {
        const random = seededRandom(seed, step, i + 1);
        const { real, fake, mask } = await makePair(spec, crop, random);
        for (const picture of [real, fake]) eraseRandomly(picture, crop.sizePx, random);
        faces.set(real, 2 * i * bytes);
        faces.set(fake, (2 * i + 1) * bytes);
        classes.set([CLASSES.real, classOfFake(spec)], 2 * i);
        const at = (2 * i + 1) * cells * cells;
        if (mask === null) mapWeights[2 * i + 1] = 0;
        else if (mask === 1) maps.fill(1, at, at + cells * cells);
        else maps.set(cellMeans(mask.values, mask.size, cells), at);
      }
      const transfer = [faces.buffer, classes.buffer, maps.buffer, mapWeights.buffer];
      return { result: { faces, classes, maps, mapWeights }, transfer };
    },
  };
});

/** Degrades both pictures of a pair in the same way or not at all, and resizes them to the network input. */
async function degradePair(
  pictures: readonly Uint8Array[],
  size: number,
  sizePx: number,
  random: Random,
): Promise<Uint8Array[]> {
  const seed = random.integer(2 ** 31);
  const isPairDegraded = isDegraded(random);
  return Promise.all(
    pictures.map(async (data) => {
      const degraded = isPairDegraded ? await degrade(data, size, seededRandom(seed)) : data;
      const resized = resizeCrop(degraded, size, sizePx);
      // A copy, because random erasing works in place.
      return resized === data ? data.slice() : resized;
    }),
  );
}

/** Mean of a mask in each cell of a grid. @returns float32 [cells, cells] */
function cellMeans(mask: Float32Array, size: number, cells: number): Float32Array {
  const sums = new Float32Array(cells * cells);
  const counts = new Float32Array(cells * cells);
  for (let row = 0; row < size; row++) {
    const top = Math.floor((row * cells) / size) * cells;
    for (let column = 0; column < size; column++) {
      const cell = top + Math.floor((column * cells) / size);
      sums[cell]! += mask[row * size + column]!;
      counts[cell]!++;
    }
  }
  return sums.map((sum, i) => sum / counts[i]!);
}
