import { studentQuantile } from "../statistics/student-t.ts";

/** Fraction of authentic files that may be called forged. */
const MAX_FPR = 0.01;
/** Number of files from which ranks are sufficient for a rate of 1%. */
export const FILES_FOR_RANKS = 99;
/** Authenticities are clamped to this distance from 0 and 1, which have no logit. */
const EPSILON = 1e-6;

/** Rank of the threshold among `count` files, from the lowest; 0 if they are too few. */
export function thresholdRank(count: number): number {
  return Math.floor(MAX_FPR * (count + 1));
}

/**
 * Lower prediction bound: a further file of the same kind lies below it with probability at most {@link MAX_FPR}.
 *
 * From 99 files on by rank, without assumptions (conformal prediction, Vovk et al. 2005): a further file lies below the k-th
 * lowest of n files with probability k / (n + 1). With fewer files, the lower end of Student's prediction interval of the
 * logits, but at most the lowest authenticity.
 *
 * @param authenticities authenticities of at least two authentic files
 */
export function lowerPredictionBound(authenticities: readonly number[]): number {
  const sorted = [...authenticities].sort((a, b) => a - b);
  const count = sorted.length;
  const rank = thresholdRank(count);
  if (rank > 0) return sorted[rank - 1]!;
  const logits = sorted.map((authenticity) => {
    const kept = Math.min(1 - EPSILON, Math.max(EPSILON, authenticity));
    return Math.log(kept / (1 - kept));
  });
  const mean = logits.reduce((sum, logit) => sum + logit, 0) / count;
  const variance = logits.reduce((sum, logit) => sum + (logit - mean) ** 2, 0) / (count - 1);
  const reach = studentQuantile(1 - MAX_FPR, count - 1) * Math.sqrt(variance * (1 + 1 / count));
  return Math.min(sorted[0]!, 1 / (1 + Math.exp(reach - mean)));
}
