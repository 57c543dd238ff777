/**
 * Converts IEEE 754 binary16, little-endian, to float32.
 *
 * @param buffer receives the values, 4 bytes each; pass shared memory to let other threads read them
 */
export function fromFloat16Bytes(
  bytes: Uint8Array,
  buffer: ArrayBuffer | SharedArrayBuffer = new ArrayBuffer(2 * bytes.length),
): Float32Array {
  // A Uint16Array needs an even offset.
  const aligned = bytes.byteOffset % 2 === 0 ? bytes : new Uint8Array(bytes);
  const halves = new Uint16Array(aligned.buffer, aligned.byteOffset, bytes.length / 2);
  const values = new Float32Array(buffer);
  const bits = new Uint32Array(buffer);
  for (let i = 0; i < halves.length; i++) {
    const half = halves[i]!;
    const exponent = (half >> 10) & 0x1f;
    const sign = (half & 0x8000) << 16;
    // The exponent bias is 15 in binary16 and 127 in binary32.
    if (exponent === 0) values[i] = (sign === 0 ? 1 : -1) * (half & 0x3ff) * 2 ** -24;
    else if (exponent < 0x1f) bits[i] = sign | (((half & 0x7fff) + (112 << 10)) << 13);
    else bits[i] = sign | 0x7f800000 | ((half & 0x3ff) << 13);
  }
  return values;
}
