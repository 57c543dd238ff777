/** One scored item; `score` is any number that rises with authenticity, `isReal` the truth. */
export interface Scored {
  readonly score: number;
  readonly isReal: boolean;
}

/**
 * Area under the ROC curve: the chance that a real scores above a fake, ties counted half (Mann & Whitney 1947).
 *
 * @returns in [0, 1]; null when one of the classes is missing
 */
export function rocAuc(items: readonly Scored[]): number | null {
  const sorted = [...items].sort((a, b) => a.score - b.score);
  let rankSum = 0;
  let reals = 0;
  for (let i = 0; i < sorted.length; ) {
    let end = i;
    while (end < sorted.length && sorted[end]!.score === sorted[i]!.score) end++;
    const rank = (i + 1 + end) / 2;
    for (; i < end; i++) {
      if (!sorted[i]!.isReal) continue;
      rankSum += rank;
      reals++;
    }
  }
  const fakes = sorted.length - reals;
  if (reals === 0 || fakes === 0) return null;
  return (rankSum - (reals * (reals + 1)) / 2) / (reals * fakes);
}

/** Threshold below which at most `rate` of the reals fall: the largest such value among the reals' scores. */
export function thresholdAtFpr(items: readonly Scored[], rate: number): number | null {
  const reals = items
    .filter((item) => item.isReal)
    .map((item) => item.score)
    .sort((a, b) => a - b);
  return reals[Math.min(reals.length - 1, Math.floor(rate * reals.length))] ?? null;
}

/** Share of items of one class whose score is below a threshold; null when the class is empty. */
export function shareBelow(items: readonly Scored[], threshold: number, isReal: boolean): number | null {
  const chosen = items.filter((item) => item.isReal === isReal);
  if (chosen.length === 0) return null;
  return chosen.filter((item) => item.score < threshold).length / chosen.length;
}

/**
 * Expected calibration error (Naeini et al. 2015): mean gap between stated and true share of reals over equal bins.
 *
 * @param items scores are probabilities in [0, 1]
 */
export function calibrationError(items: readonly Scored[], bins = 15): number {
  let error = 0;
  for (let b = 0; b < bins; b++) {
    const inBin = items.filter(({ score }) => Math.min(bins - 1, Math.floor(score * bins)) === b);
    if (inBin.length === 0) continue;
    const stated = inBin.reduce((sum, item) => sum + item.score, 0) / inBin.length;
    const real = inBin.filter((item) => item.isReal).length / inBin.length;
    error += (Math.abs(stated - real) * inBin.length) / items.length;
  }
  return error;
}

/**
 * 95% interval of a statistic by resampling whole groups with replacement (cluster bootstrap).
 *
 * @param uniform random numbers in [0, 1)
 * @returns null when the statistic is undefined for nearly all resamples
 */
export function bootstrapInterval<T>(
  groups: readonly (readonly T[])[],
  statistic: (items: readonly T[]) => number | null,
  options: { uniform: () => number; rounds?: number },
): readonly [number, number] | null {
  const values: number[] = [];
  for (let round = 0; round < (options.rounds ?? 500); round++) {
    const sample: T[] = [];
    for (let i = 0; i < groups.length; i++)
      sample.push(...groups[Math.floor(options.uniform() * groups.length)]!);
    const value = statistic(sample);
    if (value !== null) values.push(value);
  }
  if (values.length < 20) return null;
  values.sort((a, b) => a - b);
  return [values[Math.floor(0.025 * values.length)]!, values[Math.floor(0.975 * values.length)]!];
}
