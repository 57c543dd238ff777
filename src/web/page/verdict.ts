import type { FileReport } from "../../report/schema.ts";
import { adviceSentence, ratesSentence, scoreSentence, verdictSentence } from "../../report/sentences.ts";
import { verdictShapes } from "../../report/shapes.ts";
import { verdictWords } from "../../report/words.ts";
import { h, place, svg } from "./dom.ts";

/** How a file ended: a verdict, or that it could not be analyzed. */
export type Outcome = FileReport["verdict"] | "failed";

const failedShape = {
  body: "M2 12a10 10 0 1 0 20 0a10 10 0 1 0-20 0Z",
  sign: "m8.5 8.5 7 7m0-7-7 7",
};

/** The shape of an outcome, beside its colour. */
export function outcomeIcon(outcome: Outcome): SVGSVGElement {
  const { body, sign } = outcome === "failed" ? failedShape : verdictShapes[outcome];
  return svg(
    "svg",
    { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true" },
    svg("path", { d: body }),
    svg("path", { class: "cut", d: sign }),
  );
}

/** What was found, what to make of it, how often such an answer is wrong, and where the score lies between the lines. */
export function verdictBanner(report: FileReport): HTMLElement {
  const { verdict, authenticity, threshold } = report;
  const rates = ratesSentence(report);
  return h(
    "div",
    { class: `verdict ${verdict}` },
    outcomeIcon(verdict),
    h(
      "div",
      {},
      h("p", { class: "word" }, verdictWords[verdict]),
      h("p", { class: "sentence" }, verdictSentence(report)),
      h("p", { class: "advice" }, adviceSentence(report)),
      authenticity !== null && scale(authenticity, threshold),
      h(
        "p",
        { class: "rates" },
        rates && `${rates} `,
        h("a", { href: "api/model-card", target: "_blank", rel: "noopener" }, "How that was measured"),
      ),
    ),
  );
}

/** What stands in place of a verdict where there is none. */
export function failureBanner(sentence: string): HTMLElement {
  return h(
    "div",
    { class: "verdict failed" },
    outcomeIcon("failed"),
    h("div", {}, h("p", { class: "word" }, "Not analyzed"), h("p", { class: "sentence" }, sentence)),
  );
}

function scale(authenticity: number, threshold: FileReport["threshold"]): HTMLElement {
  const forged = h("span", { class: "zone forged" });
  place(forged, { left: 0, width: threshold.forgedBelow });
  const authentic = h("span", { class: "zone authentic" });
  place(authentic, { left: threshold.authenticAbove, width: 1 - threshold.authenticAbove });
  const mark = h("span", { class: "mark" });
  place(mark, { left: authenticity });
  return h(
    "div",
    { class: "gauge" },
    h("div", { class: "scale", "aria-hidden": "true" }, forged, authentic, mark),
    h(
      "p",
      { class: "scale-ends", "aria-hidden": "true" },
      h("span", {}, "0 forged"),
      h("span", {}, "1 authentic"),
    ),
    h("p", { class: "key" }, scoreSentence(authenticity, threshold)),
  );
}
