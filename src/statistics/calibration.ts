import { shareBelow, thresholdAtFpr } from "./metrics.ts";

/** A logit and its truth. */
export interface LabelledLogit {
  readonly logit: number;
  readonly isReal: boolean;
  /** Weight of the item; sources of unequal size are balanced with it. */
  readonly weight: number;
}

/**
 * Fits authenticity = sigmoid(scale * logit + bias) by Newton's method on the weighted cross-entropy, with Platt's
 * smoothed targets (Platt 1999; Lin, Lin & Weng 2007).
 */
export function fitPlatt(items: readonly LabelledLogit[]): { scale: number; bias: number } {
  const total = (isReal: boolean) =>
    items.reduce((sum, item) => sum + (item.isReal === isReal ? item.weight : 0), 0);
  const [reals, fakes] = [total(true), total(false)];
  const high = (reals + 1) / (reals + 2);
  const low = 1 / (fakes + 2);
  let [scale, bias] = [1, 0];
  for (let round = 0; round < 100; round++) {
    let [g0, g1, h00, h01, h11] = [0, 0, 1e-9, 0, 1e-9];
    for (const { logit, isReal, weight } of items) {
      const p = 1 / (1 + Math.exp(-(scale * logit + bias)));
      const gap = weight * (p - (isReal ? high : low));
      const curve = weight * p * (1 - p);
      g0 += gap * logit;
      g1 += gap;
      h00 += curve * logit * logit;
      h01 += curve * logit;
      h11 += curve;
    }
    const determinant = h00 * h11 - h01 * h01;
    const stepScale = (g0 * h11 - g1 * h01) / determinant;
    const stepBias = (g1 * h00 - g0 * h01) / determinant;
    scale -= stepScale;
    bias -= stepBias;
    if (Math.abs(stepScale) + Math.abs(stepBias) < 1e-9) break;
  }
  return { scale, bias };
}

/** Authenticity of a logit, in [0, 1]. */
export function authenticityOf(logit: number, calibration: { scale: number; bias: number }): number {
  return 1 / (1 + Math.exp(-(calibration.scale * logit + calibration.bias)));
}

/**
 * Both ends of `inconclusive`: below the first at most `maxFpr` of the reals lie, above the second at most `maxFnr`
 * of the fakes.
 */
export function chooseThresholds(
  items: readonly { score: number; isReal: boolean }[],
  limits: { maxFpr: number; maxFnr: number },
): { forgedBelow: number; authenticAbove: number; measuredFpr: number } {
  const forgedBelow = thresholdAtFpr(items, limits.maxFpr) ?? 0;
  const fakes = items
    .filter((item) => !item.isReal)
    .map((item) => item.score)
    .sort((a, b) => b - a);
  const authenticAbove = Math.max(forgedBelow, fakes[Math.floor(limits.maxFnr * fakes.length)] ?? 1);
  return { forgedBelow, authenticAbove, measuredFpr: shareBelow(items, forgedBelow, true) ?? 0 };
}
