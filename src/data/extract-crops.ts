import { availableParallelism } from "node:os";
import { mapOrdered, WorkerPool } from "../engine/index.ts";

/** How far it has come, in files. */
export interface ExtractProgress {
  readonly done: number;
  readonly total: number;
  readonly withoutFace: number;
  readonly unreadable: number;
}

/** A file that could not be read, and why. */
export interface UnreadableFile {
  readonly path: string;
  readonly reason: string;
}

/** What a training tells while its data is being cut. */
export type ExtractEvent =
  | { readonly kind: "preparing"; readonly progress: ExtractProgress }
  | { readonly kind: "unreadable"; readonly file: UnreadableFile };

/** How the cutting of files is listened to and ended early. */
export interface ExtractHooks {
  readonly onProgress?: ((progress: ExtractProgress) => void) | undefined;
  readonly onUnreadable?: ((file: UnreadableFile) => void) | undefined;
  /** Aborted, it throws its reason before the next file. */
  readonly signal?: AbortSignal | undefined;
}

/** What a training's listener hears of it. */
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
 * Cuts what is wanted out of every file, in up to a worker thread a core, and yields it in the order of the list, whatever order
 * the workers end in: what is kept of it is the same every time. A file that cannot be read has nothing to cut, and is
 * named to the listener.
 *
 * @param options.module where the worker is, with the extension that this code runs with
 * @throws TelltaleError `WORKER_FAILED` when no thread can start; a file that two threads die of is unreadable
 */
export async function* extractCrops<Item extends { readonly path: string }, Job, Cut>(
  items: readonly Item[],
  options: {
    readonly module: (extension: "ts" | "js") => URL;
    readonly workerData: object;
    readonly jobOf: (item: Item) => Job;
    readonly on: ExtractHooks;
  },
): AsyncGenerator<{ item: Item; cuts: readonly Cut[] }> {
  const { pool } = await WorkerPool.start<Job, Cut[], null>({
    module: options.module(import.meta.url.endsWith(".ts") ? "ts" : "js"),
    workerData: options.workerData,
    size: Math.max(1, Math.min(availableParallelism(), items.length)),
  });
  const cut = (item: Item) =>
    pool
      .run(options.jobOf(item))
      .catch((error: Error) => error)
      .then((result) => ({ item, result }));
  let [done, withoutFace, unreadable] = [0, 0, 0];
  try {
    for await (const { item, result } of mapOrdered(items, pool.size * 4, cut)) {
      options.on.signal?.throwIfAborted();
      if (result instanceof Error && pool.hasFailed) throw result;
      const cuts = result instanceof Error ? [] : result;
      done++;
      if (result instanceof Error) {
        unreadable++;
        options.on.onUnreadable?.({ path: item.path, reason: result.message });
      } else if (cuts.length === 0) withoutFace++;
      yield { item, cuts };
      if (done % 100 === 0 || done === items.length) {
        options.on.onProgress?.({ done, total: items.length, withoutFace, unreadable });
      }
    }
  } finally {
    await pool.close();
  }
}
