import type { Scored } from "./metrics.ts";

/** One point of a ROC curve; fakes are the positive class. */
export interface RocPoint {
  /** Fraction of the reals below the threshold: false positives. */
  readonly fpr: number;
  /** Fraction of the fakes below the threshold: true positives. */
  readonly tpr: number;
}

/**
 * ROC curve from (0, 0) to (1, 1), one point per distinct score.
 *
 * @returns null if a class is missing
 */
export function rocCurve(items: readonly Scored[]): RocPoint[] | null {
  const reals = items.filter((item) => item.isReal).length;
  const fakes = items.length - reals;
  if (reals === 0 || fakes === 0) return null;
  const sorted = [...items].sort((a, b) => a.score - b.score);
  const points: RocPoint[] = [{ fpr: 0, tpr: 0 }];
  let [realsBelow, fakesBelow] = [0, 0];
  for (let i = 0; i < sorted.length; i++) {
    if (sorted[i]!.isReal) realsBelow++;
    else fakesBelow++;
    if (sorted[i + 1]?.score === sorted[i]!.score) continue;
    points.push({ fpr: realsBelow / reals, tpr: fakesBelow / fakes });
  }
  return points;
}

/** Area under the curve by the trapezoidal rule; equals `rocAuc`. */
export function areaUnder(curve: readonly RocPoint[]): number {
  let area = 0;
  for (let i = 1; i < curve.length; i++) {
    const [a, b] = [curve[i - 1]!, curve[i]!];
    area += ((b.fpr - a.fpr) * (a.tpr + b.tpr)) / 2;
  }
  return area;
}

/**
 * Average precision without interpolation, as scikit-learn's `average_precision_score` with fakes as the positive class. It
 * depends on the fraction of fakes.
 *
 * @param counts numbers of reals and fakes behind the curve
 */
export function averagePrecision(
  curve: readonly RocPoint[],
  { reals, fakes }: { readonly reals: number; readonly fakes: number },
): number {
  let sum = 0;
  for (let i = 1; i < curve.length; i++) {
    const { fpr, tpr } = curve[i]!;
    if (tpr > curve[i - 1]!.tpr)
      sum += ((tpr - curve[i - 1]!.tpr) * tpr * fakes) / (tpr * fakes + fpr * reals);
  }
  return sum;
}

/** Equal error rate: the false-positive rate where it equals the miss rate, linearly interpolated. */
export function equalErrorRate(curve: readonly RocPoint[]): number {
  for (let i = 1; i < curve.length; i++) {
    const [a, b] = [curve[i - 1]!, curve[i]!];
    if (b.fpr + b.tpr < 1) continue;
    const share = (1 - a.fpr - a.tpr) / (b.fpr + b.tpr - a.fpr - a.tpr);
    return a.fpr + share * (b.fpr - a.fpr);
  }
  return 0;
}

/** The highest true-positive rate with at most this false-positive rate. */
export function tprAtFpr(curve: readonly RocPoint[], fpr: number): number {
  return Math.max(...curve.filter((point) => point.fpr <= fpr).map((point) => point.tpr));
}

/** Thins a curve for drawing to at most `count` of its points, ends included. */
export function thinCurve(curve: readonly RocPoint[], count: number): RocPoint[] {
  // Points on a straight line between their neighbours are not needed.
  const corners = curve.filter((point, i) => {
    const [a, b] = [curve[i - 1], curve[i + 1]];
    if (!a || !b) return true;
    return (point.fpr - a.fpr) * (b.tpr - point.tpr) !== (point.tpr - a.tpr) * (b.fpr - point.fpr);
  });
  if (corners.length <= count) return corners;
  return Array.from(
    { length: count },
    (_, i) => corners[Math.round((i * (corners.length - 1)) / (count - 1))]!,
  );
}
