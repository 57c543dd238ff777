import { WorkerPool } from "../../engine/index.ts";
import { PictureOrder } from "./picture-order.ts";
import type { PictureStore } from "./picture-store.ts";
import type { PictureJob } from "./picture-worker.ts";

/** One step's reals. */
export interface PictureBatch {
  /** float32 [N, S, S, 3] in [-1, 1]. */
  readonly pixels: Float32Array;
  /** Positions in the store, length N. */
  readonly indices: readonly number[];
}

export interface PictureLoaderOptions {
  readonly store: PictureStore;
  /** Positions in the store that are drawn from. */
  readonly chosen: readonly number[];
  readonly seed: number;
  readonly batch: number;
  readonly isMirrored: boolean;
  readonly threads: number;
}

/** Batches in advance, for each thread. */
const AHEAD = 2;

/** Reads the pictures of coming steps in worker threads while the engine is busy with the present one. */
export class PictureLoader {
  readonly #pool: WorkerPool<PictureJob, Float32Array, null>;
  readonly #order: PictureOrder;
  readonly #options: PictureLoaderOptions;
  readonly #waiting = new Map<number, { indices: number[]; pixels: Promise<Float32Array> }>();
  /** Milliseconds that `take` has waited: the engine stood still for so long. */
  waitedMs = 0;

  private constructor(pool: WorkerPool<PictureJob, Float32Array, null>, options: PictureLoaderOptions) {
    this.#pool = pool;
    this.#options = options;
    this.#order = new PictureOrder(options.chosen.length, options);
  }

  static async start(options: PictureLoaderOptions): Promise<PictureLoader> {
    const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
    const { pool } = await WorkerPool.start<PictureJob, Float32Array, null>({
      module: new URL(`./picture-worker.${extension}`, import.meta.url),
      workerData: { folder: options.store.folder, sizePx: options.store.sizePx },
      size: options.threads,
    });
    return new PictureLoader(pool, options);
  }

  /** The batch of a step; steps are asked for in rising order. */
  async take(step: number): Promise<PictureBatch> {
    const { seed, chosen, isMirrored, threads } = this.#options;
    for (let s = step; s <= step + AHEAD * threads; s++) {
      if (this.#waiting.has(s)) continue;
      const indices = this.#order.at(s).map((i) => chosen[i]!);
      const pixels = this.#pool.run({ seed, step: s, indices, isMirrored });
      // Handled when it is taken; until then a failure must not count as unhandled.
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
