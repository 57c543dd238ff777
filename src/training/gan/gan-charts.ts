import { type Chart, type Curve, drawChart } from "../report/curves.ts";
import { numberOf, type StatsRow } from "./stats-row.ts";

interface GanChart {
  readonly file: string;
  readonly title: string;
  readonly yUnit?: string;
  /** Values that the y axis always includes. */
  readonly shown?: readonly number[];
  /** Keys of `stats.jsonl` and names of the curves; `$1` is the extractor. */
  readonly curves: readonly (readonly [key: RegExp, name: string])[];
}

const charts: readonly GanChart[] = [
  {
    file: "losses.svg",
    title: "Loss",
    curves: [
      [/^dLoss$/, "discriminator"],
      [/^gLoss$/, "generator"],
    ],
  },
  {
    file: "logits.svg",
    title: "Mean logits in training",
    shown: [0],
    curves: [
      [/^realLogit$/, "reals"],
      [/^fakeLogit$/, "fakes"],
    ],
  },
  {
    file: "overfitting.svg",
    title: "Mean logits when measured",
    shown: [0],
    curves: [
      [/^realTrain$/, "reals trained on"],
      [/^realHeldOut$/, "reals held out"],
      [/^fake$/, "fakes"],
    ],
  },
  {
    file: "gradients.svg",
    title: "Gradient norm",
    shown: [0],
    curves: [
      [/^dGradientNorm$/, "discriminator"],
      [/^gGradientNorm$/, "generator"],
    ],
  },
  { file: "distance.svg", title: "Fréchet distance", curves: [[/^fd-(.+)$/, "fd-$1"]] },
  { file: "kernel.svg", title: "Kernel distance", curves: [[/^kid-(?!.*-(?:se|subset)$)(.+)$/, "kid-$1"]] },
  {
    file: "coverage.svg",
    title: "Coverage",
    shown: [0, 1],
    curves: [
      [/^precision$/, "precision"],
      [/^recall$/, "recall"],
      [/^spread$/, "spread"],
    ],
  },
  { file: "score.svg", title: "Inception Score", curves: [[/^is-(.+)$/, "is-$1"]] },
  { file: "speed.svg", title: "Speed", yUnit: "images/s", shown: [0], curves: [[/^imagesPerSec$/, ""]] },
];

/**
 * Draws the charts that have data.
 *
 * @param rows sorted by kimg
 */
export function drawGanCharts(rows: readonly StatsRow[]): { readonly file: string; readonly chart: Chart }[] {
  const keys = [...new Set(rows.flatMap(Object.keys))];
  return charts.flatMap(({ file, title, curves: wanted, ...axes }) => {
    const curves = wanted.flatMap(([pattern, name]) =>
      keys
        .filter((key) => pattern.test(key))
        .map((key): Curve => ({ name: key.replace(pattern, name), points: pointsOf(rows, key) })),
    );
    if (curves.every(({ points }) => points.length === 0)) return [];
    return [{ file, chart: drawChart({ title, curves, unit: "kimg", ...axes }) }];
  });
}

function pointsOf(rows: readonly StatsRow[], key: string): [number, number][] {
  return rows.flatMap((row) => {
    const [x, y] = [numberOf(row, "kimg"), numberOf(row, key)];
    return x === null || y === null ? [] : [[x, y] as [number, number]];
  });
}
