/**
 * Reads IEEE 754 binary16, little-endian.
 *
 * @param buffer where the float32 values go, 4 bytes each; shared memory lets threads read them
 */
export function fromFloat16Bytes(
  bytes: Uint8Array,
  buffer: ArrayBuffer | SharedArrayBuffer = new ArrayBuffer(2 * bytes.length),
): Float32Array {
  // Copied where they must be: a view of 16-bit numbers begins at an even offset.
  const aligned = bytes.byteOffset % 2 === 0 ? bytes : new Uint8Array(bytes);
  const halves = new Uint16Array(aligned.buffer, aligned.byteOffset, bytes.length / 2);
  const values = new Float32Array(buffer);
  const bits = new Uint32Array(buffer);
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i]!;
    const exponent = (half >> 10) & 0x1f;
    const sign = (half & 0x8000) << 16;
    // The exponent's bias is 15 in 16 bits and 127 in 32.
    if (exponent === 0) values[i] = (sign === 0 ? 1 : -1) * (half & 0x3ff) * 2 ** -24;
    else if (exponent < 0x1f) bits[i] = sign | (((half & 0x7fff) + (112 << 10)) << 13);
    else bits[i] = sign | 0x7f800000 | ((half & 0x3ff) << 13);
  }
  return values;
}
