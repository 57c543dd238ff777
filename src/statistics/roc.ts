import type { Scored } from "./metrics.ts";

/** One point of an ROC curve, forgeries being what is looked for. */
export interface RocPoint {
  /** Share of the reals that lie below the threshold: false alarms. */
  readonly fpr: number;
  /** Share of the fakes that lie below the threshold: forgeries caught. */
  readonly tpr: number;
}

/**
 * The curve as the threshold rises from below all scores to above them: (0, 0) to (1, 1), one point a different score.
 *
 * @returns null when one of the classes is missing
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

/** Area under the curve by trapezia; the same number as `rocAuc`. */
export function areaUnder(curve: readonly RocPoint[]): number {
  let area = 0;
  for (let i = 1; i < curve.length; i++) {
    const [a, b] = [curve[i - 1]!, curve[i]!];
    area += ((b.fpr - a.fpr) * (a.tpr + b.tpr)) / 2;
  }
  return area;
}

/**
 * Average precision: the mean of the precision over the forgeries as they are caught, without interpolation; what
 * scikit-learn's `average_precision_score` gives with forged as the positive class. Depends on the share of fakes.
 *
 * @param counts how many reals and fakes the curve was drawn from
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

/** Equal error rate: where the curve, its points joined by straight lines, has as many false alarms as misses. */
export function equalErrorRate(curve: readonly RocPoint[]): number {
  for (let i = 1; i < curve.length; i++) {
    const [a, b] = [curve[i - 1]!, curve[i]!];
    if (b.fpr + b.tpr < 1) continue;
    const share = (1 - a.fpr - a.tpr) / (b.fpr + b.tpr - a.fpr - a.tpr);
    return a.fpr + share * (b.fpr - a.fpr);
  }
  return 0;
}

/** Share of the forgeries caught at the threshold with the most of them and at most this share of false alarms. */
export function tprAtFpr(curve: readonly RocPoint[], fpr: number): number {
  return Math.max(...curve.filter((point) => point.fpr <= fpr).map((point) => point.tpr));
}

/** A curve of at most `count` points to draw, ends included: points are left out, never moved. */
export function thinCurve(curve: readonly RocPoint[], count: number): RocPoint[] {
  // A point between two that lie on one line with it changes nothing that is drawn.
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
