import { Float16Array } from "@petamoriken/float16";

/** IEEE 754 binary16, little-endian; halves a file at a cost of at most 0.05% a weight. */
export function toFloat16Bytes(values: Float32Array): Uint8Array {
  return new Uint8Array(new Float16Array(values).buffer);
}
