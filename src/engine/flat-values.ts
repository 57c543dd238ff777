import { tf, type Variable } from "./tensorflow.ts";

/** Concatenates the values of variables. @returns float32, row-major */
export function flatValues(variables: readonly Variable[]): Float32Array {
  const all = new Float32Array(variables.reduce((sum, v) => sum + v.size, 0));
  let offset = 0;
  for (const v of variables) {
    all.set(v.dataSync() as Float32Array, offset);
    offset += v.size;
  }
  return all;
}

/** Assigns concatenated values to variables; the inverse of {@link flatValues}. */
export function assignFlatValues(variables: readonly Variable[], values: Float32Array): void {
  let offset = 0;
  for (const v of variables) {
    tf.tidy(() => v.assign(tf.tensor(values.slice(offset, offset + v.size), v.shape)));
    offset += v.size;
  }
}
