import { groupBy } from "./group-by.ts";
import { shareBelow, thresholdAtCount, thresholdAtFpr } from "./metrics.ts";

/** A logit with its label. */
export interface LabelledLogit {
  readonly logit: number;
  readonly isReal: boolean;
  /** Weight in the loss. */
  readonly weight: number;
}

/** Lower bound of the slope: a model that ranks in reverse is not inverted, its authenticity stays near 0.5. */
const MIN_SCALE = 1e-3;

/**
 * Fits authenticity = sigmoid(scale * logit + bias) to the weighted cross-entropy with Platt's smoothed targets (Platt
 * 1999), by Newton's method with backtracking (Lin, Lin & Weng 2007). Without backtracking, logits far from 0 diverge.
 *
 * @returns scale is positive
 */
export function fitPlatt(items: readonly LabelledLogit[]): { scale: number; bias: number } {
  const total = (isReal: boolean) =>
    items.reduce((sum, item) => sum + (item.isReal === isReal ? item.weight : 0), 0);
  const [reals, fakes] = [total(true), total(false)];
  const targets = { real: (reals + 1) / (reals + 2), fake: 1 / (fakes + 2) };
  const bias = Math.log((reals + 1) / (fakes + 1));
  const fitted = descend(items, targets, { scale: 0, bias }, false);
  if (fitted.scale >= MIN_SCALE) return fitted;
  return descend(items, targets, { scale: MIN_SCALE, bias }, true);
}

interface Line {
  readonly scale: number;
  readonly bias: number;
}

function descend(
  items: readonly LabelledLogit[],
  targets: { real: number; fake: number },
  start: Line,
  isScaleFixed: boolean,
): Line {
  const targetOf = (item: LabelledLogit) => (item.isReal ? targets.real : targets.fake);
  const loss = ({ scale, bias }: Line) =>
    items.reduce((sum, item) => {
      const z = scale * item.logit + bias;
      return sum + item.weight * (Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - targetOf(item) * z);
    }, 0);
  let line = start;
  let current = loss(line);
  for (let round = 0; round < 100; round++) {
    // Gradient and Hessian; the small terms keep the determinant positive.
    let [g0, g1, h00, h01, h11] = [0, 0, 1e-12, 0, 1e-12];
    for (const item of items) {
      const p = authenticityOf(item.logit, line);
      const gap = item.weight * (p - targetOf(item));
      const curve = item.weight * p * (1 - p);
      g0 += gap * item.logit;
      g1 += gap;
      h00 += curve * item.logit * item.logit;
      h01 += curve * item.logit;
      h11 += curve;
    }
    if (isScaleFixed) [g0, h01] = [0, 0];
    const determinant = h00 * h11 - h01 * h01;
    const stepScale = (g1 * h01 - g0 * h11) / determinant;
    const stepBias = (g0 * h01 - g1 * h00) / determinant;
    const slope = g0 * stepScale + g1 * stepBias;
    let share = 1;
    let next = line;
    for (; share > 1e-10; share /= 2) {
      next = { scale: line.scale + share * stepScale, bias: line.bias + share * stepBias };
      if (loss(next) <= current + 1e-4 * share * slope) break;
    }
    if (share <= 1e-10) break;
    line = next;
    current = loss(line);
    if (Math.abs(share * stepScale) + Math.abs(share * stepBias) < 1e-9) break;
  }
  return line;
}

/** Authenticity of a logit, in [0, 1]. */
export function authenticityOf(logit: number, calibration: { scale: number; bias: number }): number {
  return 1 / (1 + Math.exp(-(calibration.scale * logit + calibration.bias)));
}

/**
 * Weights that balance the classes, and within a class weight sources by the square root of their size, because the
 * proportions in practice are unknown.
 *
 * @returns one weight per item, with mean 1
 */
export function balancedWeights(items: readonly { isReal: boolean; source: string }[]): number[] {
  const keyOf = (item: (typeof items)[number]) => `${item.isReal} ${item.source}`;
  const counts = new Map<string, number>();
  for (const item of items) counts.set(keyOf(item), (counts.get(keyOf(item)) ?? 0) + 1);
  const roots = (isReal: boolean) =>
    [...counts].reduce((sum, [key, n]) => sum + (key.startsWith(`${isReal} `) ? Math.sqrt(n) : 0), 0);
  const totals = { true: roots(true), false: roots(false) };
  const classes = Number(totals.true > 0) + Number(totals.false > 0);
  return items.map((item) => {
    const share = 1 / (Math.sqrt(counts.get(keyOf(item))!) * totals[`${item.isReal}`]);
    return (share * items.length) / classes;
  });
}

/** Sources with fewer reals are too small to measure a rate of 1%. */
const MIN_REALS = 30;

/**
 * Chooses both thresholds. At most `maxFpr` of all reals lie below `forgedBelow`, and at most `maxSourceFpr` of the reals of
 * each source with at least 30 (rounded to the nearest number of reals). At most `maxFnr` of the fakes lie above
 * `authenticAbove`.
 *
 * @param items items without a source count as one source
 * @param limits default of `maxSourceFpr` is `maxFpr`
 */
export function chooseThresholds(
  items: readonly { score: number; isReal: boolean; source?: string }[],
  limits: { maxFpr: number; maxSourceFpr?: number; maxFnr: number },
): { forgedBelow: number; authenticAbove: number; measuredFpr: number } {
  const sources = groupBy(
    items.filter((item) => item.isReal),
    (item) => item.source ?? "",
  );
  const perSource = [...sources.values()]
    .filter((list) => list.length >= MIN_REALS)
    .map((list) => {
      const count = Math.round((limits.maxSourceFpr ?? limits.maxFpr) * list.length);
      return thresholdAtCount(list, count) ?? 0;
    });
  const forgedBelow = Math.min(thresholdAtFpr(items, limits.maxFpr) ?? 0, ...perSource);
  const fakes = items
    .filter((item) => !item.isReal)
    .map((item) => item.score)
    .sort((a, b) => b - a);
  const authenticAbove = Math.max(forgedBelow, fakes[Math.floor(limits.maxFnr * fakes.length)] ?? 1);
  return { forgedBelow, authenticAbove, measuredFpr: shareBelow(items, forgedBelow, true) ?? 0 };
}

/**
 * Authenticities are clamped to this distance from 0 and 1, so that one extreme frame cannot outvote all others.
 * ln(0.999 / 0.001) = 6.9, about three times the logit of an ordinary confident frame.
 */
const EPSILON = 0.001;

/**
 * Authenticity of one face over its frames: the sigmoid of the mean logit, so that confident frames weigh more.
 *
 * @param authenticities in [0, 1], calibrated; at least one
 * @returns in [0.001, 0.999]
 */
export function meanAuthenticity(authenticities: readonly number[]): number {
  const logits = authenticities.map((authenticity) => {
    const kept = Math.min(1 - EPSILON, Math.max(EPSILON, authenticity));
    return Math.log(kept / (1 - kept));
  });
  const mean = logits.reduce((sum, logit) => sum + logit, 0) / logits.length;
  return 1 / (1 + Math.exp(-mean));
}
