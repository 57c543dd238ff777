import { type Tensor, tf } from "./tensorflow.ts";

/**
 * Runs operations, reads the values of their result and frees every tensor made on the way.
 *
 * Reads outside of `tf.tidy`: what tidy returns it searches for tensors, one number of an array after the other.
 *
 * @returns float32 values of the result, row-major
 */
export function runAndRead(compute: () => Tensor): Float32Array {
  const result = tf.tidy(compute);
  const values = result.dataSync() as Float32Array;
  result.dispose();
  return values;
}
