import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { writeWhole } from "../../files/write-file.ts";
import { drawChart } from "../report/curves.ts";
import { showNumber } from "../report/readable-numbers.ts";
import { chartFigure, factList, gallery, picture, section } from "../report/report-parts.ts";
import { readStats, writeRunReport } from "../report/run-report.ts";

/** A line of `stats.jsonl`. Other numbers of a step are losses, of a measurement metrics. */
interface Row {
  readonly kind: "step" | "measured";
  readonly step: number;
  readonly [name: string]: number | string | boolean;
}

/** Numbers of a step that are not losses. */
const NOT_LOSSES = ["step", "imagesPerSec", "tensors"];
/** Maximum number of earlier sample sheets. */
const EARLIER = 6;

/** Descriptions of the metrics in `stats.jsonl`; restoration first, then swap. */
const MEANINGS: readonly (readonly [name: RegExp, meaning: string])[] = [
  [/^psnr-restored$/, "signal to noise, restored (dB)"],
  [/^psnr-bicubic$/, "signal to noise, bicubic (dB)"],
  [/^l1-restored$/, "distance, restored (of 255 grey levels)"],
  [/^l1-bicubic$/, "distance, bicubic (of 255 grey levels)"],
  [/^fd-face-restored$/, "fd-face to the sharp faces, restored"],
  [/^fd-face-bicubic$/, "fd-face to the sharp faces, bicubic"],
  [/^moved-a-to-b$/, "faces of a as b, on the way from a (0) to b (1)"],
  [/^moved-b-to-a$/, "faces of b as a, on the way from b (0) to a (1)"],
  [/^moved-a-to-a$/, "faces of a through their own decoder, on that way"],
  [/^moved-b-to-b$/, "faces of b through their own decoder, on that way"],
  [/^reconstruction-([ab])$/, "distance of faces of $1 through their own decoder (of 255 grey levels)"],
];

/**
 * Writes the report of a run: charts of the losses and the speed, and `report.html` with the charts, sample faces, metrics and
 * options.
 *
 * @param options.rowsOfFaces caption of the rows of a sample sheet
 */
export async function writeManipulationReport(
  folder: string,
  { kind, rowsOfFaces }: { kind: string; rowsOfFaces: string },
): Promise<void> {
  const rows = await readStats<Row>(folder, ({ kind, step }) => `${kind}/${step}`);
  const steps = rows.filter((row) => row.kind === "step").sort((a, b) => a.step - b.step);
  const names = Object.keys(steps.at(-1) ?? {}).filter((name) => typeof steps.at(-1)![name] === "number");
  const losses = names.filter((name) => !NOT_LOSSES.includes(name));
  const charts: string[] = [];
  for (const name of [...losses, "imagesPerSec"]) {
    const isSpeed = name === "imagesPerSec";
    const points = steps.map((row) => [row.step, Number(row[name])] as const);
    const chart = drawChart({
      title: isSpeed ? "Speed" : `Loss: ${name}`,
      curves: [{ name: "", points }],
      unit: "steps",
      ...(isSpeed && { yUnit: "images/s" }),
      shown: [0],
    });
    const file = isSpeed ? "speed.svg" : `loss-${name}.svg`;
    await writeWhole(join(folder, file), chart.svg);
    charts.push(chartFigure(file, chart));
  }
  const sheets = (await readdir(folder)).filter((file) => /^before-after-\d+\.png$/.test(file)).sort();
  const newest = sheets.at(-1);
  const show = (file: string, caption: string) => picture(folder, file, caption);
  const stepOf = (file: string) => showNumber(Number(/\d+/.exec(file)![0]));
  const earlier = sheets.slice(-1 - EARLIER, -1).map((file) => show(file, `at step ${stepOf(file)}`));
  const measured = rows.findLast((row) => row.kind === "measured");
  await writeRunReport(folder, {
    kind: `${kind} run`,
    title: `${kind[0]!.toUpperCase()}${kind.slice(1)}, trained for ${showNumber(steps.at(-1)?.step ?? 0)} steps`,
    parts: [
      section("Before and after", [
        newest === undefined ? "" : await show(newest, `${rowsOfFaces}, at step ${stepOf(newest)}`),
      ]),
      section(
        measured?.isHeldOut === false
          ? "Measured on training faces: too few to hold any out"
          : "Measured on held-out faces",
        measured === undefined ? [] : [factList(factsOf(measured))],
      ),
      section("Curves", [gallery("charts", steps.length > 0 ? charts : [])]),
      section("Earlier", [gallery("small", await Promise.all(earlier))]),
    ],
  });
}

function factsOf({ n, ...values }: Row): [name: string, value: string][] {
  const facts = MEANINGS.flatMap(([name, meaning]) =>
    Object.entries(values)
      // Undefined metrics are null.
      .filter(([key, value]) => name.test(key) && typeof value === "number")
      .map(([key, value]): [string, string] => [key.replace(name, meaning), showNumber(Number(value))]),
  );
  return [["faces", showNumber(Number(n))], ...facts];
}
