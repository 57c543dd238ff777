import type { FileReport } from "../schema.ts";
import { coverageSentence, showScore, thresholdSentence } from "../sentences.ts";
import { reasonWords, trialNames, verdictWords } from "../words.ts";
import { html, type Markup } from "./markup.ts";

/** What holds for every model of this kind. */
const limits = [
  "It analyzes faces only, by traces of the forgeries that the model learned and of those like them. A new kind of forgery may leave none.",
  "It does not hear sound, does not know who a person is and does not know whether a true picture is shown in a false context.",
  "Strong compression, small or blurred faces, filters, make-up and recordings of a screen move the authenticity in both directions.",
  "Somebody who has the model can make a forgery that passes it. Do not base an accusation on this alone.",
];

/** How far the verdict carries: coverage, threshold, and what the model is known to miss. */
export function reach(report: FileReport, id: string): Markup {
  const { misses = [], name } = report.model;
  const known =
    misses.length === 0
      ? html`<p>The model ${name} lists no known limits. It has some.</p>`
      : html`<p>Known limits of the model ${name}:</p><ul>${misses.map((miss) => html`<li>${miss}</li>`)}</ul>`;
  return html`<h3 id="${id}-limits">How far this carries</h3>
<p>${coverageSentence(report.coverage)}</p>
<p>${thresholdSentence(report.threshold)}</p>
${known}<p>Limits of every tool of this kind:</p><ul>${limits.map((limit) => html`<li>${limit}</li>`)}</ul>`;
}

/** The strip of verdicts on degraded copies. */
export function stabilityStrip({ stability }: FileReport): Markup | null {
  if (!stability) return null;
  const { asIs, trials } = stability;
  const card = (
    name: string,
    verdict: FileReport["verdict"] | null,
    authenticity: number | null,
    note: string | null,
  ) =>
    html`<li class="${verdict ?? "failed"}"><span>${name}</span><strong>${verdict === null ? "Failed" : verdictWords[verdict]}</strong><span>${
      authenticity === null ? "not scored" : authenticity.toFixed(2)
    }</span>${note && html`<em>${note}</em>`}</li>`;
  const isStable = !trials.some((trial) => trial.flips);
  return html`<h3>Stability</h3>
<p>The file was analyzed again after being degraded the way messengers and re-uploads do it. ${
    isStable
      ? "No verdict turned into its opposite."
      : "A verdict turned into its opposite, so neither can be relied on."
  }</p>
<ul class="trials">${card("as it is", asIs.verdict, asIs.authenticity, null)}${trials.map((trial) =>
    card(
      trialNames[trial.name],
      trial.verdict,
      trial.authenticity,
      trial.flips ? "the opposite" : (trial.error ?? (trial.reason && reasonWords[trial.reason])),
    ),
  )}</ul>`;
}

/** When and where a report was made. */
export interface Making {
  readonly madeAt: Date;
  /** IANA name, e.g. `Europe/Berlin`. */
  readonly timeZone: string;
}

/** What somebody else needs to check the report: file, model, options, time. */
export function facts(report: FileReport, { madeAt, timeZone }: Making): Markup {
  const { file, model, backend, software, options, tool } = report;
  const size = `${file.width} × ${file.height} pixels`;
  const length = file.durationSec === null ? "" : `, ${file.durationSec} s`;
  const rate = file.fps === null ? "" : `, ${file.fps} frames per second`;
  const rows: [string, string][] = [
    ["File", file.path],
    ["SHA-256", file.sha256],
    ["Size", `${file.bytes} bytes`],
    ["Kind", `${file.kind}, ${size}${length}${rate}`],
    ["Tool", `${tool.name} ${tool.version}`],
    ["Model", `${model.name} ${model.version}`],
    ["Model’s SHA-256", model.sha256],
    ["Backend", `${backend.name} (${backend.detail})`],
    ...(software ? [["Engine", software.engine] as [string, string]] : []),
    ...(software?.ffmpeg ? [["ffmpeg", software.ffmpeg] as [string, string]] : []),
    ["Made", `${showTime(madeAt, timeZone)} (${timeZone})`],
  ];
  const settings = Object.entries(options).map(([name, value]): [string, string] => [
    name,
    typeof value === "boolean" ? (value ? "yes" : "no") : String(value ?? "not set"),
  ]);
  return html`<h3>For checking</h3>${factList(rows)}<h4>Options</h4>${factList(settings)}
<p class="key">Times in the video count from its start.</p>`;
}

/** Names and values, a row each. */
export function factList(rows: readonly (readonly [name: string, value: string])[]): Markup {
  return html`<dl class="facts">${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** e.g. `2026-03-01 14:05:00 GMT+1`. */
function showTime(date: Date, timeZone: string): string {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    ...({ year: "numeric", month: "2-digit", day: "2-digit" } as const),
    ...({ hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" } as const),
    timeZoneName: "shortOffset",
  }).formatToParts(date);
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? "";
  return `${part("year")}-${part("month")}-${part("day")} ${part("hour")}:${part("minute")}:${part("second")} ${part("timeZoneName")}`;
}

/** Every frame in numbers, for screen readers and for who wants to know exactly. */
export function frameTable({ frames, threshold }: FileReport): Markup {
  const rows = frames.map(
    ({ index, timeSec, faces, error }) =>
      html`<tr><th scope="row">${index + 1}</th><td>${timeSec.toFixed(2)} s</td><td>${
        error ??
        (faces.length === 0
          ? "no face"
          : [...faces]
              .sort((a, b) => a.track - b.track)
              .map(
                ({ track, authenticity, unscored }) =>
                  `face ${track}: ${authenticity === null ? unscored : showScore(authenticity, threshold)}`,
              )
              .join(", "))
      }</td></tr>`,
  );
  return html`<details><summary>${frames.length === 1 ? "The frame" : `All ${frames.length} frames`} in numbers</summary><table class="numbers"><thead><tr><th scope="col">Frame</th><th scope="col">Time</th><th scope="col">Authenticity</th></tr></thead><tbody>${rows}</tbody></table></details>`;
}
