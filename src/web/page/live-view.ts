import { sideOf } from "../../report/side.ts";
import type { Health, LiveFrame } from "../job-schema.ts";
import { Chart } from "./chart.ts";
import { h } from "./dom.ts";
import type { Stage } from "./stage.ts";

/** What there is to see while a file is being analyzed: its picture, and the timeline as it grows. */
export class LiveView {
  readonly element: HTMLElement;
  readonly #chart: Chart;
  readonly #stage: Stage;
  readonly #threshold: Health["clipThreshold"];
  readonly #points: { index: number; authenticity: number }[] = [];
  #frames = 0;

  constructor(stage: Stage, threshold: Health["clipThreshold"]) {
    this.#stage = stage;
    this.#threshold = threshold;
    this.#chart = new Chart(threshold);
    this.element = h(
      "div",
      { class: "player live" },
      h("div", { class: "screen-side" }, stage.element),
      h(
        "div",
        { class: "chart-side" },
        h("h3", {}, "Over time"),
        this.#chart.element,
        h(
          "p",
          { class: "key" },
          "Each dot is a face in a frame. In the lower band are signs of forgery, in the upper band is no sign.",
        ),
      ),
    );
  }

  /** @param total frames that will come; null where not known */
  add(frame: LiveFrame, total: number | null): void {
    this.#frames++;
    for (const { authenticity } of frame.faces) {
      if (authenticity !== null) this.#points.push({ index: frame.index, authenticity });
    }
    const count = Math.max(total ?? 0, this.#frames, 8);
    this.#chart.draw(this.#points, { count, isLinked: false });
    this.#chart.moveCursor((frame.index + 0.5) / count);
    const { video } = this.#stage;
    if (video && !Number.isNaN(video.duration) && !video.seeking) video.currentTime = frame.timeSec;
    this.#stage.mark(
      frame.faces.map(({ box: [x, y, width, height], authenticity }) => ({
        track: 0,
        label: authenticity === null ? "" : authenticity.toFixed(2),
        side: sideOf(authenticity, this.#threshold),
        box: [x / frame.width, y / frame.height, width / frame.width, height / frame.height],
      })),
    );
  }
}
