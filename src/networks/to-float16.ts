import { Float16Array } from "@petamoriken/float16";

/** Converts to IEEE 754 binary16, little-endian. The relative error is at most 0.05% per value. */
export function toFloat16Bytes(values: Float32Array): Uint8Array {
  return new Uint8Array(new Float16Array(values).buffer);
}
