import { join } from "node:path";
import type { ConcatDataset } from "../../data/concat-dataset.ts";
import { writeWhole } from "../../files/write-file.ts";
import { cropCentered } from "../face-crops.ts";
import { layOut, writeGrid } from "../picture-grid.ts";
import { type Curve, drawChart } from "../report/curves.ts";
import {
  chartFigure,
  gallery,
  picture,
  scrollingTable,
  section,
  warningBox,
} from "../report/report-parts.ts";
import { readStats, writeRunReport } from "../report/run-report.ts";
import type { CalibratedFace, FinishedDetector } from "./finish-detector.ts";

interface Row {
  readonly step: number;
  readonly loss?: number;
  readonly imagesPerSec?: number;
  readonly waitedShare?: number;
  readonly validationAuc?: Record<string, number>;
  readonly warning?: string;
}

/** Verdict counts of the validation faces of one source and label. */
interface Confusion {
  readonly source: string;
  readonly label: string;
  readonly forged: number;
  readonly inconclusive: number;
  readonly authentic: number;
}

const SHEET = { pictures: 40, columns: 10, sidePx: 128 };

/**
 * Writes the report of a run: `loss.svg`, `auc.svg`, `worst-reals.png` and `worst-fakes.png` (the validation faces with the
 * largest errors, worst first) and `report.html`, which shows them with the verdict counts of each source.
 */
export async function writeDetectorReport(
  folder: string,
  store: ConcatDataset,
  { faces, thresholds }: FinishedDetector,
): Promise<void> {
  const logged = await readStats<Row>(
    folder,
    (row) => `${row.step}/${row.validationAuc === undefined}/${row.warning ?? ""}`,
  );
  const rows = logged.sort((a, b) => a.step - b.step);
  const curveOf = (name: string, get: (row: Row) => number | undefined): Curve => ({
    name,
    points: rows.flatMap((row) => {
      const value = get(row);
      return value === undefined ? [] : [[row.step, value] as const];
    }),
  });
  const loss = drawChart({
    title: "Loss",
    curves: [curveOf("", (row) => row.loss)],
    unit: "steps",
    shown: [0],
  });
  await writeWhole(join(folder, "loss.svg"), loss.svg);
  const sources = Object.keys(rows.findLast((row) => row.validationAuc)?.validationAuc ?? {});
  const curves = sources.map((source) => curveOf(source, (row) => row.validationAuc?.[source]));
  const auc = drawChart({ title: "AUC on validation faces", curves, unit: "steps", shown: [0.5, 1] });
  await writeWhole(join(folder, "auc.svg"), auc.svg);

  const byAuthenticity = (a: CalibratedFace, b: CalibratedFace) => a.authenticity - b.authenticity;
  const reals = faces.filter((face) => face.label === "real").sort(byAuthenticity);
  const fakes = faces.filter((face) => face.label === "fake").sort((a, b) => byAuthenticity(b, a));
  await writeSheet(join(folder, "worst-reals.png"), store, reals);
  await writeSheet(join(folder, "worst-fakes.png"), store, fakes);

  const steps = (rows.at(-1)?.step ?? 0).toLocaleString("en");
  await writeRunReport(folder, {
    kind: "detector run",
    title: `Detector, trained for ${steps} steps`,
    parts: [
      costOf(rows),
      warningBox(
        rows.flatMap(({ step, warning }) =>
          warning === undefined ? [] : [{ at: `step ${step}`, sentence: warning }],
        ),
      ),
      section("Curves", [gallery("charts", [chartFigure("auc.svg", auc), chartFigure("loss.svg", loss)])]),
      section("Verdicts on the validation faces", [confusionTable(countVerdicts(faces, thresholds))]),
      section("Authentic faces with the lowest scores", [
        await picture(folder, "worst-reals.png", "Authentic faces, largest error first"),
      ]),
      section("Forged faces with the highest scores", [
        await picture(folder, "worst-fakes.png", "Forged faces, largest error first"),
      ]),
    ],
  });
}

async function writeSheet(
  path: string,
  store: ConcatDataset,
  faces: readonly CalibratedFace[],
): Promise<void> {
  const { pictures, columns, sidePx } = SHEET;
  const shown = faces.slice(0, pictures);
  const bytes = sidePx * sidePx * 3;
  const all = new Uint8Array(shown.length * bytes);
  for (const [i, face] of shown.entries()) {
    all.set(cropCentered(await store.read(face.index), { sizePx: sidePx, margin: 1.6 }), i * bytes);
  }
  await writeGrid(path, layOut(all, sidePx, columns));
}

function countVerdicts(
  faces: readonly CalibratedFace[],
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
  return scrollingTable({
    label: "Verdicts",
    head: ["source", "label", "forged", "inconclusive", "authentic"],
    rows: confusion.map(({ source, label, ...counts }) => [
      source,
      label,
      ...[counts.forged, counts.inconclusive, counts.authentic].map(String),
    ]),
  });
}
