import { type Tensor, tf } from "./tensorflow.ts";

/**
 * Runs operations, reads the values of the result and frees all tensors.
 *
 * Values are read outside `tf.tidy`, which would search a returned array for tensors element by element.
 *
 * @returns float32 values of the result, row-major
 */
export function runAndRead(compute: () => Tensor): Float32Array {
  const result = tf.tidy(compute);
  const values = result.dataSync() as Float32Array;
  result.dispose();
  return values;
}
