import { tf } from "./tensorflow.ts";

/**
 * Calls a network on batches: 16 items on native TensorFlow, one item on the other backends, where that is fastest and takes
 * the least memory (120 MB for one face of 224 px, 470 MB for 16).
 *
 * @returns the results in the order of the items
 */
export function inBatches<Item, Result>(
  items: readonly Item[],
  run: (some: readonly Item[]) => readonly Result[],
): Result[] {
  const size = tf.getBackend() === "tensorflow" ? 16 : 1;
  const results: Result[] = [];
  for (let i = 0; i < items.length; i += size) results.push(...run(items.slice(i, i + size)));
  return results;
}
