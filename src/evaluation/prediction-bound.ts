import { studentQuantile } from "../statistics/student-t.ts";

/** Share of authentic files that may be called forged. */
const MAX_FPR = 0.01;
/** From so many files on their ranks alone say where one in a hundred lies. */
export const FILES_FOR_RANKS = 99;
/** The bound below is of the logit; an authenticity of exactly 0 or 1 has none. */
const EPSILON = 1e-6;

/** Which of `count` authentic files, counted from the lowest, the threshold is; 0 when they are too few for ranks. */
export function thresholdRank(count: number): number {
  return Math.floor(MAX_FPR * (count + 1));
}

/**
 * The authenticity below which a further file of the same kind lies with a chance of at most {@link MAX_FPR}.
 *
 * From 99 files on by their ranks, without any assumption (conformal prediction, Vovk et al. 2005): of n files the
 * k-th lowest has a further one below it with the chance k / (n + 1). Fewer cannot say so; then it is the lower end of
 * Student's prediction interval of their logits, and never above the lowest of them.
 *
 * @param authenticities of authentic files, at least two
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
