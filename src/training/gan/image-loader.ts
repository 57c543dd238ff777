import { WorkerPool } from "../../engine/index.ts";
import type { ImageDataset } from "./image-dataset.ts";
import type { ImageJob } from "./image-worker.ts";
import { ShuffledSampler } from "./shuffled-sampler.ts";

/** The real images of one step. */
export interface ImageBatch {
  /** float32 [N, S, S, 3] in [-1, 1]. */
  readonly pixels: Float32Array;
  /** Indices in the dataset, length N. */
  readonly indices: readonly number[];
}

export interface ImageLoaderOptions {
  readonly store: ImageDataset;
  /** Indices in the dataset that are sampled. */
  readonly chosen: readonly number[];
  readonly seed: number;
  readonly batch: number;
  readonly isMirrored: boolean;
  readonly threads: number;
}

/** Batches to prepare in advance, per thread. */
const AHEAD = 2;

/** Prepares the batches of the next steps in worker threads during the current step. */
export class ImageLoader {
  readonly #pool: WorkerPool<ImageJob, Float32Array, null>;
  readonly #order: ShuffledSampler;
  readonly #options: ImageLoaderOptions;
  readonly #waiting = new Map<number, { indices: number[]; pixels: Promise<Float32Array> }>();
  /** Total time that `take` has waited for batches. */
  waitedMs = 0;

  private constructor(pool: WorkerPool<ImageJob, Float32Array, null>, options: ImageLoaderOptions) {
    this.#pool = pool;
    this.#options = options;
    this.#order = new ShuffledSampler(options.chosen.length, options);
  }

  static async start(options: ImageLoaderOptions): Promise<ImageLoader> {
    const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
    const { pool } = await WorkerPool.start<ImageJob, Float32Array, null>({
      module: new URL(`./image-worker.${extension}`, import.meta.url),
      workerData: { folder: options.store.folder, sizePx: options.store.sizePx },
      size: options.threads,
    });
    return new ImageLoader(pool, options);
  }

  /** The batch of a step. Steps must be requested in ascending order. */
  async take(step: number): Promise<ImageBatch> {
    const { seed, chosen, isMirrored, threads } = this.#options;
    for (let s = step; s <= step + AHEAD * threads; s++) {
      if (this.#waiting.has(s)) continue;
      const indices = this.#order.at(s).map((i) => chosen[i]!);
      const pixels = this.#pool.run({ seed, step: s, indices, isMirrored });
      // The promise may reject before it is awaited; this is not an unhandled rejection.
      pixels.catch(() => {});
      this.#waiting.set(s, { indices, pixels });
    }
    const began = performance.now();
    const { indices, pixels } = this.#waiting.get(step)!;
    const ready = await pixels;
    this.#waiting.delete(step);
    this.waitedMs += performance.now() - began;
    return { pixels: ready, indices };
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }
}
