import { groupBy } from "./group-by.ts";

/** One scored item: `score` increases with authenticity, `isReal` is the label. */
export interface Scored {
  readonly score: number;
  readonly isReal: boolean;
  /** Weight in calibration metrics. Default 1. */
  readonly weight?: number;
}

/**
 * Area under the ROC curve: the chance that a real scores above a fake, ties count half (Mann & Whitney 1947).
 *
 * @returns in [0, 1]; null if a class is missing
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

/** The largest score of a real with at most a fraction `rate` of the reals below it. */
export function thresholdAtFpr(items: readonly Scored[], rate: number): number | null {
  const reals = items.filter((item) => item.isReal);
  return thresholdAtCount(reals, Math.floor(rate * reals.length));
}

/** The largest score of a real with at most `count` reals below it. */
export function thresholdAtCount(reals: readonly { score: number }[], count: number): number | null {
  const scores = reals.map(({ score }) => score).sort((a, b) => a - b);
  return scores[Math.min(scores.length - 1, count)] ?? null;
}

/** Fraction of the items of one class with a score below the threshold; null if the class is empty. */
export function shareBelow(items: readonly Scored[], threshold: number, isReal: boolean): number | null {
  const chosen = items.filter((item) => item.isReal === isReal);
  if (chosen.length === 0) return null;
  return chosen.filter((item) => item.score < threshold).length / chosen.length;
}

/** Mean squared difference between the predicted probability of real and the label (Brier 1950); null without items. */
export function brierScore(items: readonly Scored[]): number | null {
  const total = items.reduce((sum, { weight = 1 }) => sum + weight, 0);
  if (total === 0) return null;
  return (
    items.reduce((sum, { score, isReal, weight = 1 }) => sum + weight * (score - Number(isReal)) ** 2, 0) /
    total
  );
}

/** One bin of a reliability diagram. */
export interface ReliabilityBin {
  readonly count: number;
  /** Sum of their weights. */
  readonly weight: number;
  /** Mean score: the predicted fraction of reals. */
  readonly stated: number;
  /** Observed fraction of reals. */
  readonly real: number;
}

/** Predicted and observed fractions of reals in equal bins of [0, 1], without empty bins. */
export function reliabilityBins(items: readonly Scored[], bins = 15): ReliabilityBin[] {
  const sums = Array.from({ length: bins }, () => ({ count: 0, weight: 0, stated: 0, real: 0 }));
  for (const { score, isReal, weight = 1 } of items) {
    const bin = sums[Math.min(bins - 1, Math.floor(score * bins))]!;
    bin.count++;
    bin.weight += weight;
    bin.stated += weight * score;
    bin.real += weight * Number(isReal);
  }
  return sums
    .filter(({ weight }) => weight > 0)
    .map((bin) => ({ ...bin, stated: bin.stated / bin.weight, real: bin.real / bin.weight }));
}

/**
 * Expected calibration error (Naeini et al. 2015): mean difference between predicted and observed fractions over equal bins.
 *
 * @param items scores are probabilities in [0, 1]
 */
export function calibrationError(items: readonly Scored[], bins = 15): number {
  const filled = reliabilityBins(items, bins);
  const total = filled.reduce((sum, { weight }) => sum + weight, 0);
  if (total === 0) return 0;
  return filled.reduce((sum, { weight, stated, real }) => sum + weight * Math.abs(stated - real), 0) / total;
}

/**
 * AUC over pairs within a stratum: the chance that a real scores above a fake of the same stratum, ties count half.
 *
 * @param stratumOf e.g. the group, to compare originals with their own fakes
 * @returns in [0, 1]; null if no stratum has both classes
 */
export function stratifiedAuc<Item extends Scored>(
  items: readonly Item[],
  stratumOf: (item: Item) => string | number,
): number | null {
  const strata = groupBy(items, stratumOf);
  let [above, pairs] = [0, 0];
  for (const stratum of strata.values()) {
    const auc = rocAuc(stratum);
    if (auc === null) continue;
    const reals = stratum.filter((item) => item.isReal).length;
    const weight = reals * (stratum.length - reals);
    above += weight * auc;
    pairs += weight;
  }
  return pairs === 0 ? null : above / pairs;
}
