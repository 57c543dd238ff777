import type { Interval } from "./bootstrap.ts";

/** 97.5% point of the standard normal distribution. */
const Z = 1.959963984540054;

/**
 * 95% interval of a share (Wilson 1927): honest at 0 of n and n of n too, where a bootstrap gives an interval of no width.
 *
 * @param hits from 0 to `count`; `count` above 0
 */
export function wilsonInterval(hits: number, count: number): Interval {
  const share = hits / count;
  const spread = 1 + Z ** 2 / count;
  const centre = (share + Z ** 2 / (2 * count)) / spread;
  const reach = (Z / spread) * Math.sqrt((share * (1 - share)) / count + Z ** 2 / (4 * count ** 2));
  return [hits === 0 ? 0 : centre - reach, hits === count ? 1 : centre + reach];
}

/**
 * The smallest false-positive rate that `count` clean files can vouch for: were the true rate higher, at least one file
 * of them would have been called forged 95 times in 100. About 3 / count (Hanley & Lippman-Hand 1983).
 */
export function smallestClaimableRate(count: number): number {
  return 1 - 0.05 ** (1 / count);
}
