import type { FileReport } from "../schema.ts";
import { verdictSentence } from "../sentence.ts";
import { verdictShapes } from "../shapes.ts";
import { html, type Markup } from "./markup.ts";

/** {@link verdictShapes} as SVG: the first is filled, the second drawn over it. */
function icon(verdict: FileReport["verdict"]): Markup {
  const { body, sign } = verdictShapes[verdict];
  return html`<path d="${body}"/><path class="cut" d="${sign}"/>`;
}

/** The verdict for a layman: the word, a sentence, and where the authenticity lies between the lines. */
export function verdictBanner(report: FileReport): Markup {
  const { verdict, authenticity } = report;
  return html`<div class="verdict ${verdict}">
<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">${icon(verdict)}</svg>
<div><p class="word">${verdict}</p><p class="sentence">${verdictSentence(report)}</p>
${authenticity === null ? null : scale(authenticity, report.threshold)}</div></div>`;
}

function scale(authenticity: number, { forgedBelow, authenticAbove }: FileReport["threshold"]): Markup {
  const percent = (share: number) => `${(100 * share).toFixed(1)}%`;
  return html`<div class="scale" aria-hidden="true"><span class="zone forged" style="width:${percent(forgedBelow)}"></span><span class="zone authentic" style="left:${percent(authenticAbove)};right:0"></span><span class="mark" style="left:${percent(authenticity)}"></span></div>
<p class="scale-ends" aria-hidden="true"><span>0 forged</span><span>1 authentic</span></p>
<p>Authenticity <strong>${authenticity.toFixed(2)}</strong> on a scale from 0 (forged) to 1 (authentic): a likelihood, not a proof.</p>`;
}
