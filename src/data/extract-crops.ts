import { availableParallelism } from "node:os";
import { mapOrdered, WorkerPool } from "../engine/index.ts";

/** Progress in files. */
export interface ExtractProgress {
  readonly done: number;
  readonly total: number;
  readonly withoutFace: number;
  readonly unreadable: number;
}

/** A file that could not be read, with the error sentence. */
export interface UnreadableFile {
  readonly path: string;
  readonly reason: string;
}

/** Events of the extraction in a training run. */
export type ExtractEvent =
  | { readonly kind: "preparing"; readonly progress: ExtractProgress }
  | { readonly kind: "unreadable"; readonly file: UnreadableFile };

/** Callbacks of an extraction. */
export interface ExtractHooks {
  readonly onProgress?: ((progress: ExtractProgress) => void) | undefined;
  readonly onUnreadable?: ((file: UnreadableFile) => void) | undefined;
  /** When aborted, the extraction throws the reason before the next file. */
  readonly signal?: AbortSignal | undefined;
}

/** Forwards the callbacks to the event listener of a training run. */
export function extractHooksOf(on: {
  readonly event?: (event: ExtractEvent) => void;
  readonly signal?: AbortSignal;
}): ExtractHooks {
  return {
    onProgress: (progress) => on.event?.({ kind: "preparing", progress }),
    onUnreadable: (file) => on.event?.({ kind: "unreadable", file }),
    signal: on.signal,
  };
}

/**
 * Extracts crops from all files in worker threads, at most one per core, and yields them in the order of the list, so that
 * the result is deterministic. A file that cannot be read yields no crops and is reported to `onUnreadable`.
 *
 * @param options.module URL of the worker, given the extension of this file (`ts` under tsx, `js` when built)
 * @throws TelltaleError `WORKER_FAILED` if no thread can start. A file that kills two threads counts as unreadable
 */
export async function* extractCrops<Item extends { readonly path: string }, Job, Crop>(
  items: readonly Item[],
  options: {
    readonly module: (extension: "ts" | "js") => URL;
    readonly workerData: object;
    readonly jobOf: (item: Item) => Job;
    readonly on: ExtractHooks;
  },
): AsyncGenerator<{ item: Item; crops: readonly Crop[] }> {
  const { pool } = await WorkerPool.start<Job, Crop[], null>({
    module: options.module(import.meta.url.endsWith(".ts") ? "ts" : "js"),
    workerData: options.workerData,
    size: Math.max(1, Math.min(availableParallelism(), items.length)),
  });
  const extract = (item: Item) =>
    pool
      .run(options.jobOf(item))
      .catch((error: Error) => error)
      .then((result) => ({ item, result }));
  let [done, withoutFace, unreadable] = [0, 0, 0];
  try {
    for await (const { item, result } of mapOrdered(items, pool.size * 4, extract)) {
      options.on.signal?.throwIfAborted();
      if (result instanceof Error && pool.hasFailed) throw result;
      const crops = result instanceof Error ? [] : result;
      done++;
      if (result instanceof Error) {
        unreadable++;
        options.on.onUnreadable?.({ path: item.path, reason: result.message });
      } else if (crops.length === 0) withoutFace++;
      yield { item, crops };
      if (done % 100 === 0 || done === items.length) {
        options.on.onProgress?.({ done, total: items.length, withoutFace, unreadable });
      }
    }
  } finally {
    await pool.close();
  }
}
