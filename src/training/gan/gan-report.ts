import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeWhole } from "../../files/write-file.ts";
import { escapeText } from "../report/curves.ts";
import { showDuration, showNumber } from "../report/readable-numbers.ts";
import {
  chartFigure,
  factList,
  gallery,
  picture,
  scrollingTable,
  section,
  warningBox,
} from "../report/report-parts.ts";
import { readStats, writeRunReport } from "../report/run-report.ts";
import { drawGanCharts } from "./gan-charts.ts";
import { metricName } from "./metric-names.ts";
import { describeStatus, showKimg } from "./run-status.ts";
import { numberOf, type RecordedOptions, type StatsRow } from "./stats-row.ts";

/** Draws the charts of a run and writes `report.html` with charts, sample grids, metrics, cost and options. */
export async function writeGanReport(folder: string): Promise<void> {
  const options: RecordedOptions = JSON.parse(await readFile(join(folder, "options.json"), "utf8"));
  const rows = await readRows(folder, options.batch);
  const sheets = await listSheets(folder);
  const charts = drawGanCharts(rows);
  for (const { file, chart } of charts) await writeWhole(join(folder, file), chart.svg);
  const { title, sentences } = describeStatus(options, rows, sheets.at(-1)?.kimg ?? 0);
  const sheet = ({ file, kimg }: Sheet) => picture(folder, file, `Samples at ${showKimg(kimg)} kimg`);
  const reals = picture(folder, "reals.png", "Reals, as the discriminator sees them");
  await writeRunReport(folder, {
    kind: "GAN run",
    title,
    parts: [
      `<p>${sentences.map(escapeText).join(" ")}</p>`,
      warningBox(warningsOf(rows)),
      section("Samples", [
        gallery("large", [...(await Promise.all(sheets.slice(-1).map(sheet))), await reals]),
      ]),
      section("Measured", [tableOf(rows)]),
      section("Curves", [
        gallery(
          "charts",
          charts.map(({ file, chart }) => chartFigure(file, chart)),
        ),
      ]),
      section("Retuned", [factList(retuningsOf(rows))]),
      section("Cost", [factList(costOf(rows, options))]),
      section("Earlier samples", [gallery("small", await Promise.all(sheets.slice(0, -1).map(sheet)))]),
    ],
  });
}

/** The log, sorted by kimg, which is computed from the step if it is missing. */
async function readRows(folder: string, batch: number): Promise<StatsRow[]> {
  // A step may have several warnings.
  const rows = await readStats<StatsRow>(folder, (row) => `${row.kind}/${row.step}/${row.sentence ?? ""}`);
  return rows
    .map((row): StatsRow => ({ ...row, kimg: row.kimg ?? ((row.step ?? 0) * batch) / 1000 }))
    .sort((a, b) => a.kimg! - b.kimg!);
}

interface Sheet {
  readonly file: string;
  /** From the file name: an integer, or three decimals below 10. */
  readonly kimg: number;
}

async function listSheets(folder: string): Promise<Sheet[]> {
  return (await readdir(folder))
    .flatMap((file) => {
      const kimg = /^samples-(\d+(?:\.\d+)?)\.png$/.exec(file)?.[1];
      return kimg === undefined ? [] : [{ file, kimg: Number(kimg) }];
    })
    .sort((a, b) => a.kimg - b.kimg);
}

function warningsOf(rows: readonly StatsRow[]) {
  return rows
    .filter((row) => row.kind === "warning")
    .map(({ kimg, sentence }) => ({ at: `${showKimg(kimg!)} kimg`, sentence: String(sentence) }));
}

function tableOf(rows: readonly StatsRow[]): string {
  const measured = rows.filter((row) => row.kind === "measured");
  if (measured.length === 0) return "<p>Nothing yet.</p>";
  const keys = [...new Set(measured.flatMap(Object.keys))].filter(
    (key) => !["kind", "step", "kimg"].includes(key),
  );
  const cells = (row: StatsRow) =>
    keys.map((key) => {
      const value = numberOf(row, key);
      return value === null ? "none" : showNumber(value);
    });
  return `<p class="soft">Smaller distances are better; precision, recall and spread are best at 1. Overfitting: 0 if held-out reals score like training reals, 1 if they score like fakes.</p>
${scrollingTable({
  label: "Measurements",
  head: ["kimg", ...keys.map(metricName)],
  rows: measured.map((row) => [showKimg(row.kimg!), ...cells(row)]),
})}`;
}

function retuningsOf(rows: readonly StatsRow[]): [string, string][] {
  return rows
    .filter((row) => row.kind === "retuned")
    .map(({ kimg, changes }) => {
      const all = Object.entries((changes ?? {}) as Record<string, readonly [unknown, unknown]>);
      const texts = all.map(
        ([name, [was, is]]) => `${name} ${JSON.stringify(is)} (was ${JSON.stringify(was)})`,
      );
      return [`At ${showKimg(kimg!)} kimg`, texts.join(", ")];
    });
}

function costOf(rows: readonly StatsRow[], options: RecordedOptions): [string, string][] {
  const row = rows.findLast((row) => numberOf(row, "wallSec") !== null);
  if (row === undefined) return [];
  const number = (name: string) => numberOf(row, name) ?? 0;
  const [wallSec, energyWh] = [number("wallSec"), number("energyWh")];
  const watts = showNumber(options.watts ?? Math.round((3600 * energyWh) / wallSec));
  const origin =
    row.energyFrom === "rapl" ? "measured by the processor" : `estimated: ${watts} W for the wall time`;
  return [
    ["Wall time", showDuration(wallSec)],
    ["Energy", `${showNumber(energyWh)} Wh, ${origin}`],
    [
      "Speed, last logged",
      `${showNumber(number("imagesPerSec"))} images/s, ${showNumber(number("gflopPerSec"))} GFLOP/s`,
    ],
    ["Waited for images", `${(100 * number("waitedShare")).toFixed(1)}% of that time`],
  ];
}
