import { type Tensor, tf } from "./tensorflow.ts";

/**
 * Leaves out a share of the values, and raises the others so that the mean stays (Srivastava et al. 2014).
 *
 * `tf.dropout` draws a number from a general generator for each value, which for a batch of statistics takes as long as
 * the rest of the step; here one word of xorshift128 (Marsaglia 2003) serves two values, without a branch.
 *
 * @param share of the values that become 0, in [0, 1)
 * @param seed the same seed leaves out the same places; any when left out
 */
export function dropout<T extends Tensor>(
  x: T,
  share: number,
  seed: number = Math.floor(Math.random() * 2 ** 31),
): T {
  if (share === 0) return x;
  const kept = 1 / (1 - share);
  const last = Math.round(share * 2 ** 16) - 1;
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
  // Neighbouring seeds differ in a few bits, which takes some rounds to spread.
  for (let i = 0; i < 32; i++) next();
  for (let i = 0; i < mask.length; i += 2) {
    const word = next();
    // The sign bit of (last - half) says whether the half is above.
    mask[i] = kept * ((last - (word & 0xffff)) >>> 31);
    mask[i + 1] = kept * ((last - (word >>> 16)) >>> 31);
  }
  return tf.tidy(() => tf.mul(x, tf.tensor(mask, x.shape)) as T);
}
