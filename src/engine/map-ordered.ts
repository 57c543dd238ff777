import { setMaxListeners } from "node:events";

/**
 * Maps a stream with several calls under way at once, and yields the results in the stream's order.
 *
 * @param limit calls under way at most, from 1: no more items than this are taken from the stream before the
 *   oldest result has been read, so memory stays bounded whatever the stream's length
 * @param map its signal is aborted when the results are no longer wanted: `signal` was aborted, a call or the stream
 *   failed, or the reader has stopped
 * @throws whatever the stream or the oldest call throws, after the other calls have ended
 */
export async function* mapOrdered<Item, Result>(
  stream: AsyncIterable<Item> | Iterable<Item>,
  limit: number,
  map: (item: Item, signal: AbortSignal) => Promise<Result>,
  signal?: AbortSignal,
): AsyncGenerator<Result> {
  const underWay: Promise<Result>[] = [];
  const left = new AbortController();
  // Every call under way listens to it.
  setMaxListeners(0, left.signal);
  const abort = () => left.abort(signal?.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort, { once: true });
  try {
    for await (const item of stream) {
      const result = map(item, left.signal);
      // Its turn to be read may come after it fails; until then the failure is not unhandled.
      result.catch(() => {});
      underWay.push(result);
      if (underWay.length >= limit) yield await underWay.shift()!;
    }
    while (underWay.length > 0) yield await underWay.shift()!;
  } finally {
    signal?.removeEventListener("abort", abort);
    left.abort();
    await Promise.allSettled(underWay);
  }
}
