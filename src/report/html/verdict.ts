import type { FileReport } from "../schema.ts";
import { verdictSentence } from "../sentence.ts";
import { html, type Markup } from "./markup.ts";

/** Which side of the thresholds an authenticity is on, as the class of a colour and a word. */
export function sideOf(
  authenticity: number | null,
  { forgedBelow, authenticAbove }: FileReport["threshold"],
): "forged" | "authentic" | "inconclusive" {
  if (authenticity === null) return "inconclusive";
  if (authenticity < forgedBelow) return "forged";
  return authenticity > authenticAbove ? "authentic" : "inconclusive";
}

/** Shapes beside the colours: a triangle, a tick, a question mark. */
const icons: Record<FileReport["verdict"], Markup> = {
  forged: html`<path d="M12 3 22 20H2Z"/><path class="cut" d="M12 9v5.5m0 2.2v.3"/>`,
  authentic: html`<circle cx="12" cy="12" r="10"/><path class="cut" d="m7 12.5 3.4 3.4L17 8.8"/>`,
  inconclusive: html`<circle cx="12" cy="12" r="10"/><path class="cut" d="M9 9.5a3 3 0 1 1 4.4 2.6c-1 .6-1.4 1-1.4 2.1m0 2.7v.3"/>`,
};

/** The verdict for a layman: the word, a sentence, and where the authenticity lies between the lines. */
export function verdictBanner(report: FileReport): Markup {
  const { verdict, authenticity } = report;
  return html`<div class="verdict ${verdict}">
<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">${icons[verdict]}</svg>
<div><p class="word">${verdict}</p><p class="sentence">${verdictSentence(report)}</p>
${authenticity === null ? null : scale(authenticity, report.threshold)}</div></div>`;
}

function scale(authenticity: number, { forgedBelow, authenticAbove }: FileReport["threshold"]): Markup {
  const percent = (share: number) => `${(100 * share).toFixed(1)}%`;
  return html`<div class="scale" aria-hidden="true"><span class="zone forged" style="width:${percent(forgedBelow)}"></span><span class="zone authentic" style="left:${percent(authenticAbove)};right:0"></span><span class="mark" style="left:${percent(authenticity)}"></span></div>
<p class="scale-ends" aria-hidden="true"><span>0 forged</span><span>1 authentic</span></p>
<p>Authenticity <strong>${authenticity.toFixed(2)}</strong> on a scale from 0 (forged) to 1 (authentic): a likelihood, not a proof.</p>`;
}
