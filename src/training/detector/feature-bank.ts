import { createHash } from "node:crypto";
import { type FileHandle, mkdir, open, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { readValues, tf } from "../../engine/index.ts";
import type { CropSpec } from "../../faces/index.ts";
import {
  type Parameters,
  STATISTICS_COUNT,
  seenShare,
  trunkSpecs,
  trunkStatistics,
} from "../../networks/index.ts";
import { fromFloat16Bytes, toFloat16Bytes } from "../../networks/parameters.ts";
import type { JoinedStores } from "../joined-stores.ts";
import { BatchLoader } from "./batch-loader.ts";
import { BatchPlan, type Slot } from "./batch-plan.ts";

/** Faces that are looked at in one go. */
const BATCH = 64;
/** Raised with every change of what is drawn or computed. */
const VERSION = 4;

/** Where a row of the bank comes from. */
export interface BankRow {
  readonly isReal: boolean;
  readonly slot: Slot;
}

/** What decides the rows of a bank. */
export interface BankSpec {
  /** Faces that are drawn; rounded up to whole batches of 64. */
  readonly draws: number;
  readonly seed: number;
  readonly crop: CropSpec;
  readonly selfBlends: number;
}

/**
 * Statistics of a frozen trunk on many drawn faces (moved, blended, degraded), computed once and kept on disk as 16-bit
 * floats: a head then passes over them many times in the time that the trunk takes to look at them once.
 *
 * Rows are real and forged in turn, the two of a pair together. A bank that was cut short goes on where it ended; one
 * that is whole serves every run with the same data and the same draws, whatever that run leaves out.
 */
export class FeatureBank {
  readonly rows: readonly BankRow[];
  readonly #file: FileHandle;
  readonly #rowBytes: number;

  private constructor(rows: readonly BankRow[], file: FileHandle, rowBytes: number) {
    this.rows = rows;
    this.#file = file;
    this.#rowBytes = rowBytes;
  }

  /**
   * @param options.cacheFolder where banks are kept; 24 KB a face
   * @param options.network whose first tensors are the trunk's
   * @returns null when the signal ended it early
   * @throws TelltaleError `DATA_INVALID` when either class has no face to train on
   */
  static async prepare(options: {
    readonly cacheFolder: string;
    readonly store: JoinedStores;
    readonly network: Parameters;
    readonly spec: BankSpec;
    readonly threads: number;
    readonly onProgress?: (progress: { done: number; total: number; imagesPerSec: number }) => void;
    readonly signal?: AbortSignal | undefined;
  }): Promise<FeatureBank | null> {
    const { store, spec, network } = options;
    const { seed, crop, selfBlends } = spec;
    const plan = new BatchPlan(store.faces, { seed, batchSize: BATCH, selfBlendShare: selfBlends });
    const batches = Math.ceil(spec.draws / BATCH);
    const rows = Array.from({ length: batches }, (_, i) => plan.at(i)).flatMap((slots) =>
      slots.flatMap((slot) => [true, false].map((isReal): BankRow => ({ isReal, slot }))),
    );
    const rowBytes = 2 * STATISTICS_COUNT;
    const key = [VERSION, store.faces, seed, crop, seenShare(network), selfBlends, batches];
    const hash = createHash("sha256").update(JSON.stringify(key));
    for (const { name } of trunkSpecs) hash.update(network.get(name).dataSync() as Float32Array);
    const name = hash.digest("hex").slice(0, 12);
    await mkdir(options.cacheFolder, { recursive: true });
    const path = join(options.cacheFolder, `statistics-${name}.f16`);
    if ((await sizeOf(path)) !== batches * BATCH * rowBytes) {
      const partial = `${path}.partial`;
      if (!(await fillBank(partial, batches, plan, options))) return null;
      await rename(partial, path);
    }
    return new FeatureBank(rows, await open(path, "r"), rowBytes);
  }

  /** @returns float32 [indices.length, STATISTICS_COUNT] */
  async read(indices: readonly number[]): Promise<Float32Array> {
    const length = this.#rowBytes;
    const bytes = new Uint8Array(indices.length * length);
    await Promise.all(indices.map((index, i) => this.#file.read(bytes, i * length, length, index * length)));
    return fromFloat16Bytes(bytes);
  }

  async close(): Promise<void> {
    await this.#file.close();
  }
}

/** @returns false when the signal ended it early */
async function fillBank(
  path: string,
  batches: number,
  plan: BatchPlan,
  { store, network, spec, threads, onProgress, signal }: PrepareOptions,
): Promise<boolean> {
  const { seed, crop } = spec;
  const batchBytes = BATCH * 2 * STATISTICS_COUNT;
  const first = Math.floor(((await sizeOf(path)) ?? 0) / batchBytes);
  const file = await open(path, first === 0 ? "w" : "r+");
  const { folders: storeFolders } = store;
  const loader = await BatchLoader.start({ storeFolders, plan, seed, crop, threads, ahead: 2 * threads });
  const began = performance.now();
  try {
    for (let batch = first; batch < batches; batch++) {
      if (signal?.aborted === true) return false;
      const { faces } = await loader.take(batch);
      const pixels = new Float32Array(faces);
      const statistics = readValues(() =>
        trunkStatistics(network, tf.tensor4d(pixels, [BATCH, crop.sizePx, crop.sizePx, 3]), "inference"),
      );
      await file.write(toFloat16Bytes(statistics), 0, batchBytes, batch * batchBytes);
      const done = batch + 1;
      if (done % 50 !== 0 && done !== batches) continue;
      const imagesPerSec = (1000 * BATCH * (done - first)) / (performance.now() - began);
      onProgress?.({ done: done * BATCH, total: batches * BATCH, imagesPerSec });
    }
    return true;
  } finally {
    await file.close();
    await loader.close();
  }
}

type PrepareOptions = globalThis.Parameters<typeof FeatureBank.prepare>[0];

async function sizeOf(path: string): Promise<number | null> {
  return stat(path).then(
    ({ size }) => size,
    () => null,
  );
}
