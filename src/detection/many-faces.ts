import type { Thresholds } from "../types/detection.ts";

/** Number of faces in a typical file, for which thresholds are measured. */
const TYPICAL_FACES = 3;
/** Just above the smallest value of {@link meanAuthenticity}, so that a face can be forged in every crowd. */
const MIN_THRESHOLD = 0.0011;

/**
 * Lowers the threshold for `forged` in files with many faces.
 *
 * The most forged face decides, so that every authentic face adds a chance of a false alarm. Scores are calibrated: an
 * authentic face scores below `t` with a probability of at most t / (1 - t), and one of n faces with at most n times
 * that (Bonferroni correction). Dividing the odds of the threshold by n / 3 keeps this bound as it is for 3 faces.
 * `authenticAbove` does not change.
 *
 * @param faces number of faces that can decide the verdict
 */
export function thresholdsForFaces(thresholds: Thresholds, faces: number): Thresholds {
  if (faces <= TYPICAL_FACES) return thresholds;
  const { forgedBelow } = thresholds;
  const odds = (forgedBelow / (1 - forgedBelow)) * (TYPICAL_FACES / faces);
  return { ...thresholds, forgedBelow: Math.min(forgedBelow, Math.max(MIN_THRESHOLD, odds / (1 + odds))) };
}
