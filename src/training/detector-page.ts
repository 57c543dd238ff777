import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Curve, drawCurves, escapeText } from "./curves.ts";
import { cutPlainCrop } from "./cut-crop.ts";
import type { FinishedDetector, JudgedFace } from "./finish-detector.ts";
import type { JoinedStores } from "./joined-stores.ts";
import { layOut, writeGrid } from "./picture-grid.ts";
import { readStats, writeRunReport } from "./run-report.ts";

interface Row {
  readonly step: number;
  readonly loss?: number;
  readonly imagesPerSec?: number;
  readonly waitedShare?: number;
  readonly validationAuc?: Record<string, number>;
}

/** How the validation faces of one source and label were judged. */
interface Confusion {
  readonly source: string;
  readonly label: string;
  readonly forged: number;
  readonly inconclusive: number;
  readonly authentic: number;
}

const SHEET = { pictures: 40, columns: 10, sidePx: 128 };

/**
 * Writes what a person looks at after a run: `loss.svg`, `auc.svg`, `worst-reals.png` and `worst-fakes.png` (the
 * validation faces that the model is most wrong about, worst first) and `report.html`, which shows them with the
 * confusion of each source.
 */
export async function writeDetectorPage(
  folder: string,
  store: JoinedStores,
  { faces, thresholds }: FinishedDetector,
): Promise<void> {
  const logged = await readStats<Row>(folder, (row) => `${row.step}/${row.validationAuc === undefined}`);
  const rows = logged.sort((a, b) => a.step - b.step);
  const curveOf = (name: string, get: (row: Row) => number | undefined): Curve => ({
    name,
    points: rows.flatMap((row) => {
      const value = get(row);
      return value === undefined ? [] : [[row.step, value] as const];
    }),
  });
  await writeFile(
    join(folder, "loss.svg"),
    drawCurves("Loss", [curveOf("loss", (row) => row.loss)], { unit: "steps" }),
  );
  const sources = Object.keys(rows.findLast((row) => row.validationAuc)?.validationAuc ?? {});
  const curves = sources.map((source) => curveOf(source, (row) => row.validationAuc?.[source]));
  await writeFile(
    join(folder, "auc.svg"),
    drawCurves("AUC on validation faces", curves, { unit: "steps", floor: 0.5 }),
  );

  const byAuthenticity = (a: JudgedFace, b: JudgedFace) => a.authenticity - b.authenticity;
  const reals = faces.filter((face) => face.label === "real").sort(byAuthenticity);
  const fakes = faces.filter((face) => face.label === "fake").sort((a, b) => byAuthenticity(b, a));
  await writeSheet(join(folder, "worst-reals.png"), store, reals);
  await writeSheet(join(folder, "worst-fakes.png"), store, fakes);

  await writeRunReport(folder, "Detector run", [
    '<p><img src="auc.svg" alt="AUC over the run"><img src="loss.svg" alt="Loss over the run"></p>',
    costOf(rows),
    "<h2>Verdicts on the validation faces</h2>",
    confusionTable(countVerdicts(faces, thresholds)),
    '<h2>Authentic, and least so by the model</h2><img src="worst-reals.png" alt="worst mistakes among authentic faces">',
    '<h2>Forged, and least so by the model</h2><img src="worst-fakes.png" alt="worst mistakes among forged faces">',
  ]);
}

async function writeSheet(path: string, store: JoinedStores, faces: readonly JudgedFace[]): Promise<void> {
  const { pictures, columns, sidePx } = SHEET;
  const shown = faces.slice(0, pictures);
  const bytes = sidePx * sidePx * 3;
  const all = new Uint8Array(shown.length * bytes);
  for (const [i, face] of shown.entries()) {
    all.set(cutPlainCrop(await store.read(face.index), { sizePx: sidePx, margin: 1.6 }), i * bytes);
  }
  await writeGrid(path, layOut(all, sidePx, columns));
}

function countVerdicts(
  faces: readonly JudgedFace[],
  { forgedBelow, authenticAbove }: FinishedDetector["thresholds"],
): Confusion[] {
  const keys = [...new Set(faces.map(({ source, label }) => `${label}\n${source}`))].sort();
  return keys.map((key) => {
    const [label, source] = key.split("\n") as [string, string];
    const own = faces.filter((face) => face.source === source && face.label === label);
    const forged = own.filter((face) => face.authenticity < forgedBelow).length;
    const authentic = own.filter((face) => face.authenticity > authenticAbove).length;
    return { source, label, forged, inconclusive: own.length - forged - authentic, authentic };
  });
}

function costOf(rows: readonly Row[]): string {
  const timed = rows.filter((row) => row.imagesPerSec !== undefined);
  if (timed.length === 0) return "";
  const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1]!;
  const rate = median(timed.map((row) => row.imagesPerSec!));
  const waited = median(timed.map((row) => row.waitedShare ?? 0));
  return `<p>${rate.toFixed(0)} faces/s (median); the engine waited for batches ${(100 * waited).toFixed(1)}% of the time.</p>`;
}

function confusionTable(confusion: readonly Confusion[]): string {
  const body = confusion.map(
    ({ source, label, forged, inconclusive, authentic }) =>
      `<tr><th>${escapeText(source)}</th><td>${label}</td><td>${forged}</td><td>${inconclusive}</td><td>${authentic}</td></tr>`,
  );
  return `<table><tr><th>source</th><th>label</th><th>forged</th><th>inconclusive</th><th>authentic</th></tr>${body.join("")}</table>`;
}
