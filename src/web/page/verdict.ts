import type { FileReport } from "../../report/schema.ts";
import { verdictSentence } from "../../report/sentence.ts";
import { verdictShapes } from "../../report/shapes.ts";
import { h, place, svg } from "./dom.ts";
import { advice } from "./words.ts";

/** The verdict: a shape, a word, a sentence, what to make of it, and where the authenticity lies between the lines. */
export function verdictBanner(report: FileReport): HTMLElement {
  const { verdict, authenticity } = report;
  const { body, sign } = verdictShapes[verdict];
  return h(
    "div",
    { class: `verdict ${verdict}` },
    svg(
      "svg",
      { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true" },
      svg("path", { d: body }),
      svg("path", { class: "cut", d: sign }),
    ),
    h(
      "div",
      {},
      h("p", { class: "word" }, verdict),
      h("p", { class: "sentence" }, verdictSentence(report)),
      h("p", { class: "advice" }, advice(report)),
      authenticity !== null && scale(authenticity, report.threshold),
    ),
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
      { class: "scale-ends" },
      h("span", { "aria-hidden": "true" }, "0 forged"),
      h("span", {}, "Authenticity ", h("strong", {}, authenticity.toFixed(2))),
      h("span", { "aria-hidden": "true" }, "1 authentic"),
    ),
  );
}
