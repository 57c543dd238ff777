/**
 * Maps a stream with several calls under way at once, and yields the results as they come, in no order.
 *
 * No more than `limit` items are taken from the stream before their results have been read: memory stays bounded
 * whatever the stream's length. Results of `null` are passed over.
 *
 * @throws whatever the stream or a call throws first, after the other calls have ended
 */
export async function* mapAsTheyEnd<Item, Result>(
  stream: AsyncIterable<Item>,
  limit: number,
  map: (item: Item) => Promise<Result | null>,
): AsyncGenerator<Result> {
  const underWay = new Set<Promise<void>>();
  const ended: Result[] = [];
  const failures: unknown[] = [];
  const start = (item: Item) => {
    const call = map(item)
      .then((result) => {
        if (result !== null) ended.push(result);
      })
      .catch((error: unknown) => {
        failures.push(error);
      })
      .finally(() => underWay.delete(call));
    underWay.add(call);
  };
  function* take(): Generator<Result> {
    if (failures.length > 0) throw failures[0];
    while (ended.length > 0) yield ended.shift()!;
  }
  try {
    for await (const item of stream) {
      start(item);
      while (underWay.size >= limit) await Promise.race(underWay);
      yield* take();
    }
    while (underWay.size > 0) {
      await Promise.race(underWay);
      yield* take();
    }
    yield* take();
  } finally {
    await Promise.allSettled(underWay);
  }
}
