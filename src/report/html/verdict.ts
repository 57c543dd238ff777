import type { FileReport } from "../schema.ts";
import { adviceSentence, ratesSentence, scoreSentence, verdictSentence } from "../sentences.ts";
import { verdictShapes } from "../shapes.ts";
import { verdictWords } from "../words.ts";
import { html, type Markup } from "./markup.ts";

/** {@link verdictShapes} as SVG: the first is filled, the second drawn over it. */
function icon(verdict: FileReport["verdict"]): Markup {
  const { body, sign } = verdictShapes[verdict];
  return html`<path d="${body}"/><path class="cut" d="${sign}"/>`;
}

/** The verdict for a layman: what was found, what to make of it, and how often such an answer is wrong. */
export function verdictBanner(report: FileReport, id: string): Markup {
  const { verdict, authenticity, threshold } = report;
  const rates = ratesSentence(report);
  return html`<div class="verdict ${verdict}">
<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">${icon(verdict)}</svg>
<div><p class="word">${verdictWords[verdict]}</p><p class="sentence">${verdictSentence(report)}</p>
<p>${adviceSentence(report)}</p>
${authenticity === null ? null : scale(authenticity, threshold)}
<p class="rates">${rates} <a href="#${id}-limits">How far this carries</a></p></div></div>`;
}

function scale(authenticity: number, threshold: FileReport["threshold"]): Markup {
  const { forgedBelow, authenticAbove } = threshold;
  const percent = (share: number) => `${(100 * share).toFixed(1)}%`;
  return html`<div class="scale" aria-hidden="true"><span class="zone forged" style="width:${percent(forgedBelow)}"></span><span class="zone authentic" style="left:${percent(authenticAbove)};right:0"></span><span class="mark" style="left:${percent(authenticity)}"></span></div>
<p class="scale-ends" aria-hidden="true"><span>0 forged</span><span>1 authentic</span></p>
<p>${scoreSentence(authenticity, threshold)}</p>`;
}
