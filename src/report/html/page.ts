import { createHash } from "node:crypto";
import type { ReportPictures } from "../../types/pictures.ts";
import type { FailureReport, FileReport, Report } from "../schema.ts";
import { closingCounts, showScore, verdictLine } from "../sentences.ts";
import { faces } from "./faces.ts";
import { facts, frameTable, type Making, reach, stabilityStrip } from "./facts.ts";
import { html, Markup } from "./markup.ts";
import { origin } from "./provenance.ts";
import { script } from "./script.ts";
import { style } from "./style.ts";
import { timeline } from "./timeline.ts";
import { verdictBanner } from "./verdict.ts";

const scriptHash = createHash("sha256").update(script).digest("base64");

/** What a report may do: show what is in it and run its own script; nothing is loaded. A server sends it as header too. */
export const htmlPolicy = `default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-${scriptHash}'; base-uri 'none'; form-action 'none'`;

/** One file of a page. */
export interface HtmlItem {
  readonly report: Report;
  /** Null for a report without pictures. */
  readonly pictures?: ReportPictures | null;
  /** @deprecated Use `pictures`. */
  readonly exhibits?: ReportPictures | null;
}

/**
 * The reports on one or several files as one page that needs nothing besides: it opens offline, in light and dark, on
 * paper, by keyboard and for screen readers.
 *
 * Its own policy lets it load nothing and run no other script than the one in it, by hash.
 */
export function formatHtml(items: readonly HtmlItem[], making: Making): string {
  const articles = items.map((item, i) => formatArticle(item, making, i));
  return [formatHtmlHead(items.map(({ report }) => report)), ...articles, HTML_FOOT].join("");
}

/** What stands before the articles: title, styles and, for several files, the list of them. */
export function formatHtmlHead(reports: readonly Report[]): string {
  const [first] = reports;
  const isAlone = reports.length === 1;
  const title = isAlone && first ? first.file.path : `${reports.length} files`;
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${htmlPolicy}">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer">
<title>Telltale report: ${title}</title><style>${new Markup(style)}</style></head>
<body><header><h1>Telltale report${isAlone ? null : ` on ${title}`}</h1></header>
<main>${isAlone ? null : contents(reports)}`;
  return page.text;
}

/** What stands behind the articles. */
export const HTML_FOOT = `</main><script>${script}</script></body></html>\n`;

/** The part of a page about one file. @param index its place among the files, from 0 */
export function formatArticle(item: HtmlItem, making: Making, index: number): string {
  const { report, pictures = item.exhibits ?? null } = item;
  return article({ report, pictures, making, id: `file-${index + 1}` }).text;
}

function contents(reports: readonly Report[]): Markup {
  const rows = reports.map((report, i) => {
    const failed = "error" in report;
    const words = failed ? "Not analyzed" : verdictLine(report);
    const score =
      failed || report.authenticity === null ? "" : showScore(report.authenticity, report.threshold);
    return html`<tr><th scope="row"><a href="#file-${i + 1}"><bdi>${report.file.path}</bdi></a></th><td><strong class="${failed ? "failed" : report.verdict}">${words}</strong></td><td>${score}</td></tr>`;
  });
  return html`<p class="sentence">${closingCounts(reports)}.</p><table class="files-table"><thead><tr><th scope="col">File</th><th scope="col">Finding</th><th scope="col">Authenticity</th></tr></thead><tbody>${rows}</tbody></table>`;
}

interface Article {
  readonly report: Report;
  readonly pictures: ReportPictures | null;
  readonly making: Making;
  readonly id: string;
}

function article({ report, pictures, making, id }: Article): Markup {
  const body = "error" in report ? failure(report) : sections(report, pictures, making, id);
  return html`<article id="${id}"><h2><bdi>${report.file.path}</bdi></h2>${body}</article>`;
}

function sections(report: FileReport, pictures: ReportPictures | null, making: Making, id: string): Markup {
  return html`${verdictBanner(report, id)}${origin(report)}${warnings(report)}<h3>${report.file.kind === "image" ? "The picture" : "Over time"}</h3>${timeline(report, pictures, id)}
${faces(report, pictures)}${stabilityStrip(report)}${reach(report, id)}${facts(report, making)}${frameTable(report)}`;
}

/** What a reader must know before they believe the verdict. */
function warnings({ warnings }: FileReport): readonly Markup[] {
  return warnings.map((warning) => html`<p class="warning"><strong>Warning:</strong> ${warning}</p>`);
}

function failure({ error }: FailureReport): Markup {
  return html`<p class="warning"><strong>This file could not be analyzed.</strong> ${error.message}</p>`;
}
