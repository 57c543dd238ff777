import { createHash } from "node:crypto";
import type { AuditEntry, AuditSummary, Outcome } from "../../types/audit.ts";
import { formatBytes } from "../format-bytes.ts";
import { factList } from "../html/facts.ts";
import { html, Markup } from "../html/markup.ts";
import { style } from "../html/style.ts";
import { formatClock } from "../sentences.ts";
import { outcomeWords, reasonWords } from "../words.ts";
import { auditScript } from "./script.ts";
import { auditStyle } from "./style.ts";

/** The files of one outcome that the page shows, worst first. */
export interface Shown {
  readonly outcome: Outcome;
  readonly entries: readonly AuditEntry[];
  /** Files of this outcome that are only in `files.csv`. */
  readonly hidden: number;
}

/** What somebody does about files of an outcome. */
const advice: Readonly<Record<Outcome, string>> = {
  forged: "Look at each report before you act: a verdict is a likelihood, not a proof.",
  inconclusive: "The reason beside each file says why, and its report what one can do.",
  error: "Nothing is known about these.",
  authentic: "That is no guarantee: a new kind of forgery may leave no sign.",
  "not-media": "These are other kinds of files.",
};

/**
 * The summary of an audit as one page: counts, then every file that wants attention, the most forged first, with a
 * picture and a link to its report; filters by outcome, kind and name.
 *
 * Pictures and reports are beside it in the audit's folder; nothing comes from elsewhere.
 */
export function formatAuditPage(summary: AuditSummary, shown: readonly Shown[]): string {
  const hash = createHash("sha256").update(auditScript).digest("base64");
  // file: for the pictures beside a page that is opened from a disk, 'self' for one that is served.
  const policy = `default-src 'none'; img-src 'self' file:; style-src 'unsafe-inline'; script-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
  const { folder, counts } = summary;
  const groups = shown.filter(({ entries }) => entries.length > 0);
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer">
<title>Telltale audit: ${folder}</title><style>${new Markup(style + auditStyle)}</style></head>
<body><header><h1>Telltale audit</h1><h2><bdi>${folder}</bdi></h2></header>
<main><ul class="counts">${Object.entries(outcomeWords).map(([outcome, name]) => count(outcome as Outcome, name, counts[outcome as Outcome]))}</ul>
<p>${totals(summary)}</p>${filters(groups)}
${groups.length === 0 ? html`<p>There is no file to show.</p>` : groups.map((group) => section(group))}
<p class="nothing" data-nothing hidden>No file matches the filters.</p>
${facts(summary)}</main><script>${new Markup(auditScript)}</script></body></html>
`.text;
}

/** The class whose colours an outcome has. */
function colors(outcome: Outcome): string {
  return outcome === "error" || outcome === "not-media" ? "failed" : outcome;
}

function count(outcome: Outcome, name: string, files: number): Markup {
  return html`<li class="${colors(outcome)}"><strong>${files.toLocaleString("en")}</strong><span>${name}</span></li>`;
}

function totals({ files, duplicates, moved, bytes, mediaSec }: AuditSummary): string {
  const parts = [
    `${files.toLocaleString("en")} ${files === 1 ? "file" : "files"}, ${formatBytes(bytes)}`,
    ...(mediaSec > 0 ? [`${formatClock(mediaSec)} of video`] : []),
    ...(duplicates > 0 ? [`${duplicates} with the content of another`] : []),
    ...(moved > 0 ? [`${moved} moved away`] : []),
  ];
  return `${parts.join("; ")}.`;
}

function filters(groups: readonly Shown[]): Markup {
  const boxes = groups.map(
    ({ outcome }) =>
      html`<label><input type="checkbox" data-outcome value="${outcome}" checked> ${outcomeWords[outcome]}</label>`,
  );
  return html`<form class="filters" data-filters hidden><fieldset><legend>Show</legend>${boxes}</fieldset>
<label>Kind <select data-kind><option value="">all</option><option value="video">videos</option><option value="image">pictures</option></select></label>
<label>Says of itself <select data-says><option value="">anything</option><option value="generated">generated</option><option value="edited-with-generative-ai">edited with generative AI</option><option value="captured">recorded by a camera</option><option value="none">nothing</option><option value="invalid">broken credentials</option></select></label>
<label>Name <input type="search" data-name placeholder="part of the path"></label>
<p data-shown role="status"></p></form>`;
}

function section({ outcome, entries, hidden }: Shown): Markup {
  return html`<section data-group><h3>${outcomeWords[outcome]}</h3><p>${advice[outcome]}</p>
<ol class="files">${entries.map((entry) => row(entry))}</ol>
${hidden > 0 ? html`<p>And ${hidden.toLocaleString("en")} more: files.csv has them all.</p>` : null}</section>`;
}

function row(entry: AuditEntry): Markup {
  const { outcome, authenticity, path, kind, report, thumbnail, duplicateOf, movedTo, error, reason } = entry;
  const { origin = null } = entry;
  const picture = thumbnail
    ? html`<img src="${thumbnail}" alt="" loading="lazy">`
    : html`<span class="no-picture" aria-hidden="true"></span>`;
  const name = report ? html`<a href="${report}"><bdi>${path}</bdi></a>` : html`<bdi>${path}</bdi>`;
  const number = authenticity === null ? null : html` <span class="number">${authenticity.toFixed(2)}</span>`;
  const notes = [
    ...(error ? [error.message] : []),
    ...(duplicateOf === null ? [] : [`Same content as ${duplicateOf}.`]),
    ...(movedTo === null ? [] : [`Moved to ${movedTo}.`]),
    ...(origin === null ? [] : [origin.sentence]),
    ...(origin === null || origin.pixels === outcome
      ? []
      : [`The pixels alone: ${outcomeWords[origin.pixels].toLowerCase()}.`]),
    ...entry.warnings,
  ];
  const says = [origin?.declares ?? "none", ...(origin?.credentials?.state === "invalid" ? ["invalid"] : [])];
  return html`<li class="${colors(outcome)}" data-file data-is="${outcome}" data-of="${kind ?? ""}" data-says="${says.join(" ")}"><div class="picture">${picture}</div>
<div class="about"><p class="path">${name}</p><p><strong>${outcomeWords[outcome]}${reason && `: ${reasonWords[reason]}`}</strong>${number} <span class="caption">${sizeOf(entry)}</span></p>
${notes.map((note) => html`<p class="caption">${note}</p>`)}</div></li>`;
}

function sizeOf({ kind, width, height, durationSec, bytes }: AuditEntry): string {
  const parts = [
    ...(kind === null ? [] : [kind === "image" ? "picture" : "video"]),
    ...(width === null ? [] : [`${width} × ${height}`]),
    ...(durationSec === null ? [] : [formatClock(durationSec)]),
    ...(bytes === null ? [] : [formatBytes(bytes)]),
  ];
  return parts.join(", ");
}

function facts({ model, options, tool, madeAt, reasons, errors, origins = {} }: AuditSummary): Markup {
  const list = (numbers: Readonly<Record<string, number>>, words: Readonly<Record<string, string>> = {}) =>
    Object.entries(numbers)
      .filter(([, files]) => files > 0)
      .sort(([, a], [, b]) => b - a)
      .map(([name, files]) => `${words[name] ?? name} ${files}`)
      .join(", ") || "none";
  const rows: [string, string][] = [
    ["Can’t tell, by reason", list(reasons, reasonWords)],
    ["Not analyzed, by code", list(errors)],
    ["Say of themselves", list(origins)],
    ["Model", `${model.name} ${model.version}`],
    ["Model’s SHA-256", model.sha256],
    ["Tool", `${tool.name} ${tool.version}`],
    ["Made", madeAt],
  ];
  const settings = Object.entries(options).map(([name, value]): [string, string] => [
    name,
    value === "" || value?.length === 0 ? "not set" : String(value ?? "not set"),
  ]);
  return html`<h3>For checking</h3>${factList(rows)}<h4>Options</h4>${factList(settings)}
<p>Authenticity runs from 0 (forged) to 1 (authentic). Every file is in files.csv and files.jsonl; ledger.jsonl is the record that the audit goes on from.</p>`;
}
