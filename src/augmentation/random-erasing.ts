import type { Random } from "../engine/index.ts";

/** Share of the pictures that lose a part. */
const MASKED_SHARE = 0.15;

/**
 * Covers a rectangle of some pictures with one colour, so that no single place decides (random erasing, Zhong et al.
 * 2020). Applied to real and forged alike.
 *
 * @param data RGB uint8 [size, size, 3]; changed in place
 */
export function eraseRandomly(data: Uint8Array, size: number, random: Random): void {
  if (!random.chance(MASKED_SHARE)) return;
  const [width, height] = [0, 0].map(() => Math.round(random.between(0.1, 0.4) * size)) as [number, number];
  const left = Math.floor(random.uniform() * (size - width));
  const top = Math.floor(random.uniform() * (size - height));
  const colour = [0, 0, 0].map(() => Math.floor(random.uniform() * 256));
  for (let row = top; row < top + height; row++) {
    for (let column = left; column < left + width; column++) data.set(colour, (row * size + column) * 3);
  }
}
