/**
 * Maps a list with a bounded number of concurrent calls. Unlike p-map, a failure waits for the running calls.
 *
 * @param onDone called after each item with the number of finished items
 * @returns results in the order of the list
 * @throws the error of the first failed call, after the running calls have ended
 */
export async function mapConcurrent<Item, Result>(
  items: readonly Item[],
  concurrency: number,
  work: (item: Item, index: number) => Promise<Result>,
  onDone?: (done: number, result: Result) => void,
): Promise<Result[]> {
  const queue = items.entries();
  const results = new Array<Result>(items.length);
  let done = 0;
  let hasFailed = false;
  const outcomes = await Promise.allSettled(
    Array.from({ length: concurrency }, async () => {
      for (const [i, item] of queue) {
        if (hasFailed) return;
        try {
          results[i] = await work(item, i);
        } catch (error) {
          hasFailed = true;
          throw error;
        }
        onDone?.(++done, results[i]);
      }
    }),
  );
  for (const outcome of outcomes) if (outcome.status === "rejected") throw outcome.reason;
  return results;
}
