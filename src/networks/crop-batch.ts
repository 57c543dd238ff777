import { type Tensor4D, tf } from "../engine/index.ts";

/** Stacks face crops into a batch. @param crops RGB uint8 [size, size, 3] each @returns float32 [N, size, size, 3] */
export function cropBatch(crops: readonly Uint8Array[], size: number): Tensor4D {
  const pixels = new Float32Array(crops.length * size * size * 3);
  for (const [i, crop] of crops.entries()) pixels.set(crop, i * size * size * 3);
  return tf.tensor4d(pixels, [crops.length, size, size, 3]);
}
