import { join } from "node:path";
import { seededRandom, type Tensor2D, type Tensor4D, tf } from "../../engine/index.ts";
import {
  type Discriminator,
  discriminate,
  drawLatents,
  type Generator,
  generate,
  type Stage,
} from "../../networks/index.ts";
import { layOut, toBytes, writeGrid } from "../picture-grid.ts";
import { sampleEvenly } from "../sample-evenly.ts";
import { type FeatureExtractor, openFeatureExtractor } from "./feature-extractor.ts";
import type { GanData } from "./gan-data.ts";
import type { ResolvedGanOptions } from "./gan-options.ts";
import type { GanState } from "./gan-state.ts";
import { EMBED_BATCH, type Embedded, embed, measure, type Quality } from "./quality.ts";

/** Images of a grid. */
const GRID = { count: 64, columns: 8 };
/** Images of each kind that measure overfitting; a multiple of the group of the minibatch standard deviation. */
const OVERFITTING_SAMPLES = 128;
/** Distinguish the uses of the seed. */
const [GRID_USE, QUALITY_USE, OVERFITTING_USE] = [0x6a1d, 0x9a11, 0x3a7c];

/** Mean logits of training reals, held-out reals and fakes. */
export interface Overfitting {
  readonly realTrain: number;
  readonly realHeldOut: number | null;
  readonly fake: number;
  /** 0: held-out reals score like training reals; 1: like fakes (r_v of Karras et al. 2020b); null without held-out reals. */
  readonly overfitting: number | null;
}

/** Sample grids and quality metrics of a run. Does not change the networks. */
export class GanEvaluator {
  readonly #data: GanData;
  readonly #options: ResolvedGanOptions;
  readonly #folder: string;
  #extractor: FeatureExtractor | null = null;
  #reals: Embedded | null = null;

  constructor(data: GanData, options: ResolvedGanOptions, folder: string) {
    this.#data = data;
    this.#options = options;
    this.#folder = folder;
  }

  async writeReals(): Promise<void> {
    const { store, train } = this.#data;
    const pixels = await store.read(sampleEvenly(train, GRID.count));
    await writeGrid(join(this.#folder, "reals.png"), layOut(pixels, store.sizePx, GRID.columns));
  }

  /** Writes a grid of samples of the averaged generator, from the same latents each time. @returns file name */
  async writeSamples(state: GanState, stage: Stage | undefined): Promise<string> {
    const images = this.#sample(state.averaged, GRID.count, 0, GRID_USE, stage);
    const bytes = toBytes(images);
    images.dispose();
    const name = sheetName((state.step * this.#options.batch) / 1000);
    await writeGrid(join(this.#folder, name), layOut(bytes, this.#data.store.sizePx, GRID.columns));
    return name;
  }

  /**
   * Metrics of `evalSamples` samples against as many training reals.
   *
   * @param signal when aborted, throws its reason before the next 32 images
   */
  async measure(state: GanState, stage: Stage | undefined, signal?: AbortSignal): Promise<Quality> {
    const { evalSamples, extractor } = this.#options;
    this.#extractor ??= await openFeatureExtractor(extractor);
    const { store, train } = this.#data;
    this.#reals ??= await embed(this.#extractor, batches(store, sampleEvenly(train, evalSamples), signal));
    const evaluator = this;
    async function* samples() {
      for (let i = 0; i * EMBED_BATCH < evalSamples; i++) {
        const count = Math.min(EMBED_BATCH, evalSamples - i * EMBED_BATCH);
        // Yields to the event loop, so that an abort is noticed.
        await new Promise((resolve) => setImmediate(resolve));
        signal?.throwIfAborted();
        yield evaluator.#sample(state.averaged, count, i, QUALITY_USE, stage);
      }
    }
    return measure(this.#reals, await embed(this.#extractor, samples()), this.#extractor.name);
  }

  /** Mean logits of the current networks. */
  async overfitting(state: GanState, stage: Stage | undefined): Promise<Overfitting> {
    const { store, train, heldOut } = this.#data;
    const realTrain = await this.#meanRealLogit(
      state.discriminator,
      store,
      sampleEvenly(train, OVERFITTING_SAMPLES),
      stage,
    );
    const realHeldOut =
      heldOut.length < 4
        ? null
        : await this.#meanRealLogit(
            state.discriminator,
            store,
            sampleEvenly(heldOut, OVERFITTING_SAMPLES),
            stage,
          );
    const fakes: number[] = [];
    for (let i = 0; i * EMBED_BATCH < OVERFITTING_SAMPLES; i++) {
      const images = this.#sample(state.generator, EMBED_BATCH, i, OVERFITTING_USE, stage, "training");
      fakes.push(meanLogit(state.discriminator, images, stage, this.#labels(i, EMBED_BATCH)));
      images.dispose();
    }
    const fake = mean(fakes);
    const overfitting =
      realHeldOut === null || realTrain === fake ? null : (realTrain - realHeldOut) / (realTrain - fake);
    return { realTrain, realHeldOut, fake, overfitting };
  }

  async #meanRealLogit(
    discriminator: Discriminator,
    store: GanData["store"],
    indices: readonly number[],
    stage: Stage | undefined,
  ): Promise<number> {
    let sum = 0;
    let done = 0;
    for await (const images of batches(store, indices)) {
      const now = indices.slice(done, done + EMBED_BATCH);
      done += now.length;
      const labels = this.#data.labels.length > 0 ? now.map((i) => this.#data.labels[i]!) : undefined;
      sum += now.length * meanLogit(discriminator, images, stage, labels);
      images.dispose();
    }
    return sum / indices.length;
  }

  /** Random classes with the distribution of the data; undefined without classes. */
  #labels(row: number, count: number): number[] | undefined {
    const { labels, train } = this.#data;
    if (labels.length === 0) return undefined;
    const random = seededRandom(this.#options.seed, row, QUALITY_USE, 1);
    return Array.from({ length: count }, () => labels[random.pick(train)]!);
  }

  #sample(
    generator: Generator,
    count: number,
    row: number,
    use: number,
    stage: Stage | undefined,
    mode: "training" | "inference" = "inference",
  ): Tensor4D {
    const random = seededRandom(this.#options.seed, row, use);
    const labels = this.#labels(row, count);
    const latents = tf.tensor2d(drawLatents(generator.network, count, random), [
      count,
      generator.network.latent,
    ]);
    const pass = { mode, random, ...(stage && { stage }), ...(labels && { labels }) };
    const images = generate(generator, latents as Tensor2D, pass);
    latents.dispose();
    return images;
  }

  dispose(): void {
    this.#extractor?.dispose();
  }
}

function meanLogit(
  discriminator: Discriminator,
  images: Tensor4D,
  stage: Stage | undefined,
  labels: readonly number[] | undefined,
): number {
  const heads = tf.tidy(() => {
    const pass = { mode: "training", ...(stage && { stage }), ...(labels && { labels }) } as const;
    return tf.mean(tf.concat([...discriminate(discriminator, images, pass).heads], 1));
  });
  const value = heads.dataSync()[0]!;
  heads.dispose();
  return value;
}

/** File name by kimg; with three decimals below 10 kimg. */
function sheetName(kimg: number): string {
  const isExact = kimg >= 10 || Number.isInteger(kimg);
  return `samples-${isExact ? String(Math.round(kimg)).padStart(6, "0") : kimg.toFixed(3).padStart(10, "0")}.png`;
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

/** Stored images as float32 [N, S, S, 3] in [-1, 1], in batches of 32. */
async function* batches(
  store: GanData["store"],
  indices: readonly number[],
  signal?: AbortSignal,
): AsyncGenerator<Tensor4D> {
  for (let i = 0; i < indices.length; i += EMBED_BATCH) {
    signal?.throwIfAborted();
    const some = indices.slice(i, i + EMBED_BATCH);
    const bytes = await store.read(some);
    const pixels = Float32Array.from(bytes, (value) => value / 127.5 - 1);
    yield tf.tensor4d(pixels, [some.length, store.sizePx, store.sizePx, 3]);
  }
}
