/**
 * Works through a list with several items under way at once.
 *
 * @param onDone called after each item, with how many are done
 * @returns the results in the order of the list
 * @throws whatever the first call that fails throws, after those under way have ended
 */
export async function mapConcurrent<Item, Result>(
  items: readonly Item[],
  lanes: number,
  work: (item: Item, index: number) => Promise<Result>,
  onDone?: (done: number, result: Result) => void,
): Promise<Result[]> {
  const queue = items.entries();
  const results = new Array<Result>(items.length);
  let done = 0;
  let hasFailed = false;
  const outcomes = await Promise.allSettled(
    Array.from({ length: lanes }, async () => {
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
