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

/** Pictures of a grid: eight rows of eight. */
const GRID = { count: 64, columns: 8 };
/** Pictures of each kind that the discriminator is asked about; whole groups of its minibatch deviation. */
const WATCHED = 128;
/** Uses of the seed, told apart. */
const [GRID_ROW, QUALITY_ROW, WATCH_ROW] = [0x6a1d, 0x9a11, 0x3a7c];

/** What the discriminator says of those it has trained on, of those it has not, and of fakes: mean logits. */
export interface Overfitting {
  readonly realTrain: number;
  readonly realHeldOut: number | null;
  readonly fake: number;
  /** 0 = held-out reals look like trained ones, 1 = like fakes (Karras et al. 2020b, r_v); null without held-out ones. */
  readonly overfitting: number | null;
}

/** Looks at a run from outside: grids, metrics, monitors. Nothing here changes the networks. */
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

  /** Samples of the averaged generator from the same latents at every time. */
  async writeSamples(state: GanState, stage: Stage | undefined): Promise<string> {
    const images = this.#sample(state.averaged, GRID.count, 0, GRID_ROW, stage);
    const bytes = toBytes(images);
    images.dispose();
    const name = sheetName((state.step * this.#options.batch) / 1000);
    await writeGrid(join(this.#folder, name), layOut(bytes, this.#data.store.sizePx, GRID.columns));
    return name;
  }

  /**
   * Distances of as many samples as asked for to as many reals of the training side.
   *
   * @param signal aborted, it throws its reason before the next 32 pictures: with thousands of them this takes minutes
   */
  async measure(state: GanState, stage: Stage | undefined, signal?: AbortSignal): Promise<Quality> {
    const { evalSamples, extractor } = this.#options;
    this.#extractor ??= await openFeatureExtractor(extractor);
    const { store, train } = this.#data;
    this.#reals ??= await embed(this.#extractor, batches(store, sampleEvenly(train, evalSamples), signal));
    const watch = this;
    async function* samples() {
      for (let i = 0; i * EMBED_BATCH < evalSamples; i++) {
        const count = Math.min(EMBED_BATCH, evalSamples - i * EMBED_BATCH);
        // The pictures are made without a pause, in which alone a signal is heard.
        await new Promise((resolve) => setImmediate(resolve));
        signal?.throwIfAborted();
        yield watch.#sample(state.averaged, count, i, QUALITY_ROW, stage);
      }
    }
    return measure(this.#reals, await embed(this.#extractor, samples()), this.#extractor.name);
  }

  /** Mean logits of the present networks. */
  async overfitting(state: GanState, stage: Stage | undefined): Promise<Overfitting> {
    const { store, train, heldOut } = this.#data;
    const realTrain = await this.#judgeReals(state.discriminator, store, sampleEvenly(train, WATCHED), stage);
    const realHeldOut =
      heldOut.length < 4
        ? null
        : await this.#judgeReals(state.discriminator, store, sampleEvenly(heldOut, WATCHED), stage);
    const fakes: number[] = [];
    for (let i = 0; i * EMBED_BATCH < WATCHED; i++) {
      const images = this.#sample(state.generator, EMBED_BATCH, i, WATCH_ROW, stage, "training");
      fakes.push(meanLogit(state.discriminator, images, stage, this.#labels(i, EMBED_BATCH)));
      images.dispose();
    }
    const fake = mean(fakes);
    const overfitting =
      realHeldOut === null || realTrain === fake ? null : (realTrain - realHeldOut) / (realTrain - fake);
    return { realTrain, realHeldOut, fake, overfitting };
  }

  async #judgeReals(
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

  /** Classes as the data has them, or none. */
  #labels(row: number, count: number): number[] | undefined {
    const { labels, train } = this.#data;
    if (labels.length === 0) return undefined;
    const random = seededRandom(this.#options.seed, row, QUALITY_ROW, 1);
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

/** By whole kimg, and by single pictures in the first ten, where sheets may come more often. */
function sheetName(kimg: number): string {
  const isExact = kimg >= 10 || Number.isInteger(kimg);
  return `samples-${isExact ? String(Math.round(kimg)).padStart(6, "0") : kimg.toFixed(3).padStart(10, "0")}.png`;
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

/** Stored pictures as float32 [N, S, S, 3] in [-1, 1], 32 at a time. */
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
