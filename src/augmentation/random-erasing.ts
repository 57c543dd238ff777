import type { Random } from "../engine/index.ts";

/** Probability that a picture is erased. */
const ERASE_PROBABILITY = 0.15;

/**
 * Random erasing (Zhong et al. 2020): covers a rectangle of some pictures with one colour. Applied to reals and fakes alike.
 *
 * @param data RGB uint8 [size, size, 3]; changed in place
 */
export function eraseRandomly(data: Uint8Array, size: number, random: Random): void {
  if (!random.chance(ERASE_PROBABILITY)) return;
  const [width, height] = [0, 0].map(() => Math.round(random.between(0.1, 0.4) * size)) as [number, number];
  const left = Math.floor(random.uniform() * (size - width));
  const top = Math.floor(random.uniform() * (size - height));
  const colour = [0, 0, 0].map(() => Math.floor(random.uniform() * 256));
  for (let row = top; row < top + height; row++) {
    for (let column = left; column < left + width; column++) data.set(colour, (row * size + column) * 3);
  }
}
