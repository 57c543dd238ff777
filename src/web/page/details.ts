import type { FileReport } from "../../report/schema.ts";
import { coverageSentence, thresholdSentence } from "../../report/sentences.ts";
import { trialNames, verdictWords } from "../../report/words.ts";
import { h } from "./dom.ts";
import { describeFrame, duration } from "./words.ts";

/** How far the verdict carries, for who wants to know, and every frame in words. */
export function details(report: FileReport): HTMLElement {
  const { model, file, frames, backend, software } = report;
  const misses = model.misses ?? [];
  const length = file.durationSec === null ? "" : `, ${duration(file.durationSec)}`;
  return h(
    "div",
    { class: "more" },
    h(
      "details",
      {},
      h("summary", {}, "How sure is this?"),
      h("p", {}, coverageSentence(report.coverage)),
      h("p", {}, thresholdSentence(report.threshold)),
      misses.length > 0 && h("p", {}, `Known limits of the model ${model.name}:`),
      misses.length > 0 && h("ul", {}, ...misses.map((miss) => h("li", {}, miss))),
    ),
    h(
      "details",
      {},
      h("summary", {}, frames.length === 1 ? "The frame in words" : `All ${frames.length} frames in words`),
      h(
        "ol",
        { class: "frames", tabindex: 0, "aria-label": "Frames" },
        ...frames.map((frame) => h("li", {}, describeFrame(frame, report))),
      ),
    ),
    h(
      "details",
      {},
      h("summary", {}, "File and model"),
      h(
        "dl",
        {},
        ...Object.entries({
          Kind: `${file.kind}, ${file.width} × ${file.height} pixels${length}`,
          "SHA-256": file.sha256,
          Model: `${model.name} ${model.version} (${model.sha256.slice(0, 12)}) on ${backend.name}`,
          ...(software && { Engine: software.engine, ffmpeg: software.ffmpeg ?? "none" }),
        }).flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]),
      ),
    ),
  );
}

/** What the reader must know before they believe the verdict. */
export function warnings(report: FileReport): HTMLElement[] {
  return report.warnings.map((warning) => h("p", { class: "notice" }, warning));
}

/** Verdicts on degraded copies, where the server was told to analyze them. */
export function stability({ stability }: FileReport): HTMLElement | null {
  if (!stability) return null;
  const items = [
    { name: "as it is", flips: false, ...stability.asIs },
    ...stability.trials.map((trial) => ({ ...trial, name: trialNames[trial.name] })),
  ];
  return h(
    "section",
    {},
    h("h3", {}, "Degraded copies"),
    h(
      "ul",
      { class: "trials" },
      ...items.map(({ name, verdict, authenticity, flips }) =>
        h(
          "li",
          { class: verdict ?? "failed" },
          h("span", {}, name),
          h("strong", {}, verdict === null ? "Failed" : verdictWords[verdict]),
          h("span", {}, authenticity === null ? "" : authenticity.toFixed(2), flips && " (the opposite)"),
        ),
      ),
    ),
  );
}
