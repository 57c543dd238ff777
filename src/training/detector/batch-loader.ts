import { WorkerPool } from "../../engine/index.ts";
import type { CropSpec } from "../../faces/index.ts";
import type { BatchSampler } from "./batch-sampler.ts";
import type { BatchJob } from "./batch-worker.ts";
import type { FaceBatch } from "./face-batch.ts";

/** Prepares the batches of the next steps in worker threads during the current step. */
export class BatchLoader {
  readonly #pool: WorkerPool<BatchJob, FaceBatch, null>;
  readonly #plan: BatchSampler;
  readonly #options: { seed: number; crop: CropSpec; ahead: number };
  readonly #waiting = new Map<number, Promise<FaceBatch>>();
  /** Total time that `take` has waited for batches. */
  waitedMs = 0;

  private constructor(
    pool: WorkerPool<BatchJob, FaceBatch, null>,
    plan: BatchSampler,
    options: { seed: number; crop: CropSpec; ahead: number },
  ) {
    this.#pool = pool;
    this.#plan = plan;
    this.#options = options;
  }

  /** @param options.ahead number of batches to prepare in advance; a batch of 32 faces of 160 px takes about 2.5 MB */
  static async start(options: {
    storeFolders: readonly string[];
    plan: BatchSampler;
    seed: number;
    crop: CropSpec;
    threads: number;
    ahead: number;
  }): Promise<BatchLoader> {
    const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
    const { pool } = await WorkerPool.start<BatchJob, FaceBatch, null>({
      module: new URL(`./batch-worker.${extension}`, import.meta.url),
      workerData: { storeFolders: options.storeFolders },
      size: options.threads,
    });
    return new BatchLoader(pool, options.plan, options);
  }

  /** The batch of a step. Steps must be requested in ascending order. */
  async take(step: number): Promise<FaceBatch> {
    for (let s = step; s <= step + this.#options.ahead; s++) {
      if (this.#waiting.has(s)) continue;
      const { seed, crop } = this.#options;
      const batch = this.#pool.run({ seed, step: s, pairs: this.#plan.at(s), crop });
      // The promise may reject before it is awaited; this is not an unhandled rejection.
      batch.catch(() => {});
      this.#waiting.set(s, batch);
    }
    const began = performance.now();
    const batch = await this.#waiting.get(step)!;
    this.#waiting.delete(step);
    this.waitedMs += performance.now() - began;
    return batch;
  }

  async close(): Promise<void> {
    await this.#pool.close();
  }
}
