import { setMaxListeners } from "node:events";

/**
 * Maps a stream concurrently and yields the results in the order of the stream.
 *
 * @param limit maximum number of concurrent calls, at least 1. No further items are read until the oldest result has been
 *   consumed, so memory is bounded
 * @param map its signal is aborted if `signal` is aborted, a call or the stream fails, or the consumer stops
 * @throws the error of the stream or of the oldest call, after the other calls have ended
 */
export async function* mapOrdered<Item, Result>(
  stream: AsyncIterable<Item> | Iterable<Item>,
  limit: number,
  map: (item: Item, signal: AbortSignal) => Promise<Result>,
  signal?: AbortSignal,
): AsyncGenerator<Result> {
  const pending: Promise<Result>[] = [];
  const stopped = new AbortController();
  // Every call adds a listener.
  setMaxListeners(0, stopped.signal);
  const abort = () => stopped.abort(signal?.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort, { once: true });
  try {
    for await (const item of stream) {
      const result = map(item, stopped.signal);
      // The promise may reject before it is awaited; this is not an unhandled rejection.
      result.catch(() => {});
      pending.push(result);
      if (pending.length >= limit) yield await pending.shift()!;
    }
    while (pending.length > 0) yield await pending.shift()!;
  } finally {
    signal?.removeEventListener("abort", abort);
    stopped.abort();
    await Promise.allSettled(pending);
  }
}
