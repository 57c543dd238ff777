/**
 * Maps a stream with several calls under way at once, and yields the results in the stream's order.
 *
 * @param limit calls under way at most, from 1: no more items than this are taken from the stream before the
 *   oldest result has been read, so memory stays bounded whatever the stream's length
 * @throws whatever the stream or the oldest call throws, after the other calls have ended
 */
export async function* mapInOrder<Item, Result>(
  stream: AsyncIterable<Item> | Iterable<Item>,
  limit: number,
  map: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const underWay: Promise<Result>[] = [];
  try {
    for await (const item of stream) {
      const result = map(item);
      // Its turn to be read may come after it fails; until then the failure is not unhandled.
      result.catch(() => {});
      underWay.push(result);
      if (underWay.length >= limit) yield await underWay.shift()!;
    }
    while (underWay.length > 0) yield await underWay.shift()!;
  } finally {
    await Promise.allSettled(underWay);
  }
}
