import type { Interval } from "./bootstrap.ts";

/** 97.5% point of the standard normal distribution. */
const Z = 1.959963984540054;

/**
 * 95% interval of a proportion (Wilson 1927). It is valid at 0 of n and n of n too, where a bootstrap interval has no width.
 *
 * @param hits from 0 to `count`
 * @param count at least 1
 */
export function wilsonInterval(hits: number, count: number): Interval {
  const share = hits / count;
  const spread = 1 + Z ** 2 / count;
  const centre = (share + Z ** 2 / (2 * count)) / spread;
  const reach = (Z / spread) * Math.sqrt((share * (1 - share)) / count + Z ** 2 / (4 * count ** 2));
  return [hits === 0 ? 0 : centre - reach, hits === count ? 1 : centre + reach];
}

/**
 * Upper 95% bound of the false-positive rate after `count` real files without a false positive, about 3 / count (rule of
 * three, Hanley & Lippman-Hand 1983).
 */
export function smallestClaimableRate(count: number): number {
  return 1 - 0.05 ** (1 / count);
}
