import type { Thresholds } from "./detection.ts";

/** Thresholds are measured on files of about so many faces. */
const USUAL_FACES = 3;
/** A face whose every frame is as forged as {@link meanAuthenticity} counts stays below the threshold, however many others there are. */
const LEAST_THRESHOLD = 0.0011;

/**
 * The thresholds for the most forged of many faces.
 *
 * A file is as forged as its most forged face, so that each further authentic face is another chance of a false alarm.
 * Authenticities are calibrated: among faces that score `a`, the odds of an authentic one are a / (1 - a). An authentic
 * face therefore scores below `t` with a probability of at most t / (1 - t), and one of n does with at most n times that
 * (Bonferroni). Dividing the odds of the threshold by n / 3 keeps the bound where it is for the few faces of a usual file.
 * What is not forged by this rule has to be above the same `authenticAbove` as ever to be called authentic.
 *
 * @param faces that can decide the verdict
 */
export function thresholdsOfCrowd(thresholds: Thresholds, faces: number): Thresholds {
  if (faces <= USUAL_FACES) return thresholds;
  const { forgedBelow } = thresholds;
  const odds = (forgedBelow / (1 - forgedBelow)) * (USUAL_FACES / faces);
  return { ...thresholds, forgedBelow: Math.min(forgedBelow, Math.max(LEAST_THRESHOLD, odds / (1 + odds))) };
}
