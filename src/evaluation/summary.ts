import { seededRandom } from "../engine/index.ts";
import { bootstrapIntervals } from "../statistics/bootstrap.ts";
import { balancedWeights } from "../statistics/calibration.ts";
import { groupBy } from "../statistics/group-by.ts";
import { brierScore, calibrationError, reliabilityBins, rocAuc, type Scored } from "../statistics/metrics.ts";
import { wilsonInterval } from "../statistics/proportion.ts";
import { averagePrecision, equalErrorRate, rocCurve, thinCurve, tprAtFpr } from "../statistics/roc.ts";
import type { Calibration, Comparison, Measure, MeasureName, VerdictCount } from "../types/evaluation.ts";
import { type Pairing, pairings } from "./comparisons.ts";
import { type EvaluatedFile, fileScores, groupOf } from "./evaluated-file.ts";

/** Maximum number of points of a ROC curve in the report. */
const ROC_POINTS = 120;

export interface Summary {
  readonly comparisons: readonly Comparison[];
  readonly calibration: Calibration | null;
  readonly verdicts: readonly VerdictCount[];
}

/** Metrics per source and generator, and calibration over all files. */
export function summarize(
  files: readonly EvaluatedFile[],
  options: { trainedOn: ReadonlySet<string>; seed: number },
): Summary {
  const comparisons = pairings(files, { perGenerator: true }).map((pairing) => compare(pairing, options));
  return { comparisons, calibration: calibrate(files, options.seed), verdicts: countVerdicts(files) };
}

/** Calibration error over all files, with the weights of the calibration. */
function calibrate(files: readonly EvaluatedFile[], seed: number): Calibration | null {
  const scored = files.filter((file) => file.authenticity !== null);
  const reals = scored.filter((file) => file.isReal).length;
  const fakes = scored.length - reals;
  if (reals === 0 || fakes === 0) return null;
  const values = (sample: readonly EvaluatedFile[]) => {
    const some = sample.filter((file) => file.authenticity !== null);
    const weights = balancedWeights(some);
    const weighted = some.map((file, i) => ({
      score: file.authenticity!,
      isReal: file.isReal,
      weight: weights[i]!,
    }));
    return { calibrationError: calibrationError(weighted), brier: brierScore(weighted) };
  };
  const intervals = bootstrapIntervals([...groupBy(scored, groupOf).values()], values, {
    uniform: seededRandom(seed).uniform,
  });
  const { calibrationError: error, brier } = values(scored);
  return {
    ...{ reals, fakes },
    calibrationError: { value: error, interval: intervals.calibrationError ?? null },
    brier: { value: brier, interval: intervals.brier ?? null },
  };
}

function compare(
  pairing: Pairing<EvaluatedFile>,
  options: { trainedOn: ReadonlySet<string>; seed: number },
): Comparison {
  const { name, source, generator, hasOwnReals, reals, fakes } = pairing;
  const all = [...reals, ...fakes];
  const groups = [...groupBy(all, groupOf).values()];
  const values = measure(all);
  const intervals = bootstrapIntervals(groups, measure, {
    uniform: seededRandom(options.seed).uniform,
  });
  // The Wilson interval is valid for few files and without variation, unlike the bootstrap.
  const inconclusive = all.filter((file) => file.verdict === "inconclusive").length;
  intervals.abstention ??= wilsonInterval(inconclusive, all.length);
  const curve = rocCurve(fileScores(all));
  return {
    ...{ name, source, generator, hasOwnReals },
    isSourceSeen: options.trainedOn.has(source),
    ...{ reals: reals.length, fakes: fakes.length, groups: groups.length },
    measures: Object.fromEntries(
      Object.entries(values).map(([key, value]) => [key, { value, interval: intervals[key as MeasureName] }]),
    ) as Record<MeasureName, Measure>,
    roc: curve && thinCurve(curve, ROC_POINTS).map(({ fpr, tpr }): [number, number] => [fpr, tpr]),
    reliability: reliabilityBins(balanced(fileScores(all))),
  };
}

function measure(files: readonly EvaluatedFile[]): Record<MeasureName, number | null> {
  const scores = fileScores(files);
  const curve = rocCurve(scores);
  const reals = scores.filter((item) => item.isReal).length;
  const fakes = scores.length - reals;
  const hasBoth = curve !== null;
  const weighted = hasBoth ? balanced(scores) : [];
  const fromCurve = <Value>(read: (points: NonNullable<typeof curve>) => Value) => curve && read(curve);
  const isRight = ({ verdict, isReal }: EvaluatedFile) => (verdict === "forged") !== isReal;
  const frames = files.flatMap(({ faces, isReal }) =>
    faces.map((face) => ({ score: face.authenticity, isReal })),
  );
  return {
    auc: rocAuc(scores),
    frameAuc: rocAuc(frames),
    averagePrecision: fromCurve((points) => averagePrecision(points, { reals, fakes })),
    equalErrorRate: fromCurve(equalErrorRate),
    tprAt1: fromCurve((points) => tprAtFpr(points, 0.01)),
    tprAt5: fromCurve((points) => tprAtFpr(points, 0.05)),
    balancedAccuracy: hasBoth
      ? weighted.reduce((sum, item) => sum + (isRight(item.file) ? item.weight : 0), 0) / scores.length
      : null,
    abstention: files.filter((file) => file.verdict === "inconclusive").length / files.length,
    calibrationError: hasBoth ? calibrationError(weighted) : null,
    calibrationErrorAsCounted: hasBoth ? calibrationError(scores) : null,
    brier: hasBoth ? brierScore(weighted) : null,
  };
}

/** Adds weights that balance the classes, because the fraction of fakes in practice is unknown. */
function balanced<Item extends Scored>(scores: readonly Item[]): (Item & { readonly weight: number })[] {
  const reals = scores.filter((item) => item.isReal).length;
  return scores.map((item) => {
    const weight = scores.length / (2 * (item.isReal ? reals : scores.length - reals));
    return { ...item, weight };
  });
}

function countVerdicts(files: readonly EvaluatedFile[]): VerdictCount[] {
  const lists = groupBy(files, (file) => `${file.source}\n${file.isReal ? "0 real" : "1 fake"}`);
  return [...lists.keys()].sort().map((key) => {
    const chosen = lists.get(key)!;
    const count = (test: (file: EvaluatedFile) => boolean) => chosen.filter(test).length;
    const analyzed = count((file) => file.error === null);
    const forged = count((file) => file.verdict === "forged");
    return {
      source: chosen[0]!.source,
      label: chosen[0]!.isReal ? "real" : "fake",
      files: chosen.length,
      authentic: count((file) => file.verdict === "authentic"),
      forged,
      inconclusive: count((file) => file.verdict === "inconclusive"),
      scored: count((file) => file.authenticity !== null),
      noFace: count((file) => file.reason === "no-face"),
      tooSmall: count((file) => file.reason === "face-too-small"),
      failed: count((file) => file.error !== null),
      forgedInterval: analyzed === 0 ? null : wilsonInterval(forged, analyzed),
    };
  });
}

/** AUC over files, with a bootstrap interval over groups. */
export function aucOf<Item extends Scored>(
  items: readonly Item[],
  options: {
    readonly groupOf: (item: Item) => string;
    readonly seed: number;
    readonly statistic?: (items: readonly Item[]) => number | null;
  },
): Measure {
  const { statistic = rocAuc, seed } = options;
  const groups = [...groupBy(items, options.groupOf).values()];
  const { auc } = bootstrapIntervals(groups, (sample) => ({ auc: statistic(sample) }), {
    uniform: seededRandom(seed).uniform,
  });
  return { value: statistic(items), interval: auc ?? null };
}
