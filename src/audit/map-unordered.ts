/**
 * Maps a stream with up to `limit` concurrent calls and yields results in order of completion. Skips `null`.
 *
 * At most `limit` items are in memory at once.
 *
 * @throws the first error of the stream or a call, after the other calls have completed
 */
export async function* mapUnordered<Item, Result>(
  stream: AsyncIterable<Item>,
  limit: number,
  map: (item: Item) => Promise<Result | null>,
): AsyncGenerator<Result> {
  const running = new Set<Promise<void>>();
  const completed: Result[] = [];
  const failures: unknown[] = [];
  const start = (item: Item) => {
    const call = map(item)
      .then((result) => {
        if (result !== null) completed.push(result);
      })
      .catch((error: unknown) => {
        failures.push(error);
      })
      .finally(() => running.delete(call));
    running.add(call);
  };
  function* take(): Generator<Result> {
    if (failures.length > 0) throw failures[0];
    while (completed.length > 0) yield completed.shift()!;
  }
  try {
    for await (const item of stream) {
      start(item);
      while (running.size >= limit) await Promise.race(running);
      yield* take();
    }
    while (running.size > 0) {
      await Promise.race(running);
      yield* take();
    }
    yield* take();
  } finally {
    await Promise.allSettled(running);
  }
}
