import type { Comparison, EvaluationDocument } from "../../types/evaluation.ts";
import { html, Markup } from "../html/markup.ts";
import { aucBars, reliabilityDiagram, robustnessCurves, rocCurves } from "./charts.ts";
import { style } from "./style.ts";
import { evaluationTables, type Table } from "./tables.ts";

/** Nothing is loaded and no script runs. */
const policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** An evaluation as one page that needs nothing besides: offline, light and dark, on paper, for screen readers. */
export function formatEvaluationHtml(document: EvaluationDocument): string {
  const { model, data, comparisons, robustness } = document;
  const sources = comparisons.filter((one) => one.generator === null);
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer">
<title>Telltale evaluation: ${model.name} ${model.version} on ${data.name}</title><style>${new Markup(style)}</style></head>
<body><header><p class="soft">Telltale evaluation</p><h1>${model.name} ${model.version} on ${data.name}</h1></header>
<main>${lead(document)}
${comparisons.length > 0 ? curves(sources, comparisons) : null}
${robustness ? html`<section><h2>AUC under changes</h2>${robustnessCurves(robustness)}</section>` : null}
${evaluationTables(document).map((table, i) => section(table, `table-${i + 1}`))}
${facts(document)}</main></body></html>
`;
  return page.text;
}

function lead({ comparisons, data, thresholds, clipThresholds, shortcuts }: EvaluationDocument): Markup {
  const sources = comparisons.filter((one) => one.generator === null);
  const leftOut = new Set(shortcuts?.leftOut ?? []);
  const cards = sources.map(({ name, isSourceSeen, measures, reals, fakes }) => {
    const { value, interval } = measures.auc;
    return html`<li><span>${name}</span><strong>${value?.toFixed(3) ?? "none"}</strong><span>${
      interval
        ? `AUC, 95% ${interval[0].toFixed(3)} to ${interval[1].toFixed(3)}`
        : "AUC, too few for an interval"
    }</span><span>${reals} real, ${fakes} fake; ${isSourceSeen ? "source seen, other groups" : "source never seen"}</span>${
      leftOut.has(name) ? html`<em>no headline: metadata alone tells them apart</em>` : null
    }</li>`;
  });
  return html`<p>${data.files} files${trainedOnNote(data)}. Forged below an authenticity of ${thresholds.forgedBelow.toFixed(
    3,
  )}, authentic above ${thresholds.authenticAbove.toFixed(3)}${
    clipThresholds
      ? html` (clips: ${clipThresholds.forgedBelow.toFixed(3)} and ${clipThresholds.authenticAbove.toFixed(3)})`
      : null
  }. AUC is the chance that an authentic file gets a higher authenticity than a forged one: 0.5 is a coin, 1 is perfect. Sources are never averaged together.</p>
<ul class="cards">${cards}</ul>`;
}

function curves(sources: readonly Comparison[], all: readonly Comparison[]): Markup {
  return html`<section><h2>AUC by source and generator</h2>${aucBars(all)}</section>
<section><h2>ROC</h2><p class="soft">Share of the forgeries caught against the share of authentic files falsely called; the dashed line is a coin.</p><div class="grid">${sources.map(rocCurves)}</div></section>
<section><h2>Reliability</h2><p class="soft">The share of authentic files among those of like authenticity, both classes weighing alike; on the dashed line the authenticity is the chance of being authentic. The larger the dot, the more files.</p><div class="grid">${sources.map(reliabilityDiagram)}</div></section>`;
}

function section({ title, note, rows: [head, ...rows] }: Table, id: string): Markup {
  const cells = (row: readonly string[]) => [
    html`<th scope="row">${row[0]!}</th>`,
    ...row.slice(1).map((cell) => html`<td>${cell}</td>`),
  ];
  return html`<section><h2 id="${id}">${title}</h2>${note === "" ? null : html`<p class="soft">${note}</p>`}
<div class="scroll" tabindex="0" role="group" aria-labelledby="${id}"><table><thead><tr>${head!.map(
    (cell) => html`<th scope="col">${cell}</th>`,
  )}</tr></thead><tbody>${rows.map((row) => html`<tr>${cells(row)}</tr>`)}</tbody></table></div></section>`;
}

function facts({ command, model, data, options, tool }: EvaluationDocument): Markup {
  const rows: [string, string][] = [
    ["Command", command],
    ["Model", `${model.name} ${model.version}`],
    ["Model’s SHA-256", model.sha256],
    ["Index", data.name],
    ["Index’s SHA-256", data.sha256],
    [
      "Frames of a video",
      options.frames === null ? `${options.fps} per second` : `${options.frames}, spread evenly`,
    ],
    ["Computed by", options.backend],
    ["Seed", String(options.seed)],
    ["Tool", `${tool.name} ${tool.version}`],
  ];
  return html`<section><h2>For checking</h2><dl class="facts">${rows.map(
    ([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`,
  )}</dl></section>`;
}

function trainedOnNote({ leftOut, includesTrainedOn }: EvaluationDocument["data"]): string {
  if (includesTrainedOn) return ", files that the model was trained on included";
  if (leftOut == null) return "; the model does not say whether it was trained on them";
  return `, none of them trained on (${leftOut} of the index left out)`;
}
