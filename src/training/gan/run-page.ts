import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Curve, drawCurves, escapeText } from "../curves.ts";
import { readStats, writeRunReport } from "../run-report.ts";

type Row = Record<string, unknown> & { readonly kimg?: number };

/** Which numbers of `stats.jsonl` share a chart. */
const charts: readonly { file: string; title: string; keys: readonly string[] }[] = [
  { file: "losses.svg", title: "Loss", keys: ["dLoss", "gLoss"] },
  { file: "logits.svg", title: "Mean logits", keys: ["realLogit", "fakeLogit"] },
  { file: "overfitting.svg", title: "Discriminator", keys: ["realTrain", "realHeldOut", "fake"] },
  { file: "gradients.svg", title: "Gradient length", keys: ["dGradientNorm", "gGradientNorm"] },
  { file: "distance.svg", title: "Frechet distance", keys: ["fd-"] },
  { file: "coverage.svg", title: "Coverage", keys: ["precision", "recall", "spread"] },
];

/** Draws a run's curves and writes `report.html`, which shows them with the grids, the options and the cost. */
export async function writeRunPage(folder: string): Promise<void> {
  const logged = await readStats<Row>(folder, (row) => `${row.kind}/${row.step}`);
  const rows = logged.sort((a, b) => (a.kimg ?? 0) - (b.kimg ?? 0));
  const drawn: string[] = [];
  for (const { file, title, keys } of charts) {
    const names = [...new Set(rows.flatMap(Object.keys))].filter((name) =>
      keys.some((key) => (key.endsWith("-") ? name.startsWith(key) : name === key)),
    );
    const curves = names.map((name): Curve => ({ name, points: pointsOf(rows, name) }));
    if (curves.every((curve) => curve.points.length < 2)) continue;
    await writeFile(join(folder, file), drawCurves(title, curves, { unit: "kimg" }));
    drawn.push(file);
  }
  const grids = (await readdir(folder)).filter((name) => /^samples-.*\.png$/.test(name)).sort();
  const measured = rows.filter((row) => row.precision !== undefined);
  const costs = rows.findLast((row) => row.wallSec !== undefined) ?? {};
  await writeRunReport(folder, "GAN run", [
    grids.length === 0
      ? ""
      : `<h2>Samples</h2><p>${grids.at(-1)}</p><img src="${grids.at(-1)}" alt="samples">`,
    '<h2>Reals</h2><img src="reals.png" alt="reals">',
    "<h2>Measured</h2>",
    table(measured),
    "<h2>Curves</h2>",
    ...drawn.map((file) => `<img src="${file}" alt="${file}">`),
    "<h2>Cost</h2>",
    table([pick(costs, ["kimg", "wallSec", "energyWh", "energyFrom", "imagesPerSec", "gflopPerSec"])]),
    "<h2>Earlier samples</h2>",
    ...grids.slice(0, -1).map((file) => `<p>${file}</p><img src="${file}" alt="${file}" loading="lazy">`),
  ]);
}

function pointsOf(rows: readonly Row[], name: string): [number, number][] {
  return rows
    .filter((row) => typeof row[name] === "number" && row.kimg !== undefined)
    .map((row) => [row.kimg!, row[name] as number]);
}

function pick(row: Row, keys: readonly string[]): Row {
  return Object.fromEntries(keys.filter((key) => key in row).map((key) => [key, row[key]]));
}

function table(rows: readonly Row[]): string {
  if (rows.length === 0) return "<p>Nothing yet.</p>";
  const keys = [...new Set(rows.flatMap(Object.keys))].filter((key) => key !== "kind" && key !== "step");
  const cell = (value: unknown) =>
    typeof value === "number" ? Number(value.toPrecision(4)).toString() : String(value ?? "-");
  const head = keys.map((key) => `<th>${escapeText(key)}</th>`).join("");
  const body = rows.map(
    (row) => `<tr>${keys.map((key) => `<td>${escapeText(cell(row[key]))}</td>`).join("")}</tr>`,
  );
  return `<table><tr>${head}</tr>${body.join("")}</table>`;
}
