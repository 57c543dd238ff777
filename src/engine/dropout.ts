import { type Tensor, tf } from "./tensorflow.ts";

/**
 * Inverted dropout (Srivastava et al. 2014): sets a fraction of the values to 0 and scales up the others.
 *
 * Much faster than `tf.dropout`: one word of xorshift128 (Marsaglia 2003) serves two values, without a branch.
 *
 * @param rate fraction of the values that become 0, in [0, 1)
 * @param seed the same seed drops the same positions; default random
 */
export function dropout<T extends Tensor>(
  x: T,
  rate: number,
  seed: number = Math.floor(Math.random() * 2 ** 31),
): T {
  if (rate === 0) return x;
  const kept = 1 / (1 - rate);
  const last = Math.round(rate * 2 ** 16) - 1;
  const mask = new Float32Array(x.size);
  let [a, b, c, d] = [seed | 0, 0x9e3779b9 | 0, Math.imul(seed + 1, 0x85ebca6b), 0x243f6a88];
  const next = () => {
    const t = a ^ (a << 11);
    a = b;
    b = c;
    c = d;
    d = d ^ (d >>> 19) ^ t ^ (t >>> 8);
    return d;
  };
  // Mixes the state: neighbouring seeds differ in a few bits only.
  for (let i = 0; i < 32; i++) next();
  for (let i = 0; i < mask.length; i += 2) {
    const word = next();
    // The sign bit of (last - half) is 1 if the half is larger.
    mask[i] = kept * ((last - (word & 0xffff)) >>> 31);
    mask[i + 1] = kept * ((last - (word >>> 16)) >>> 31);
  }
  return tf.tidy(() => tf.mul(x, tf.tensor(mask, x.shape)) as T);
}
