import type { FileReport } from "../../report/schema.ts";
import { sideOf } from "../../report/side.ts";
import { h, place, svg } from "./dom.ts";

/** Units of the drawing, stretched to the page's width. */
const [WIDTH, HEIGHT] = [1000, 100];
const sides = ["forged", "inconclusive", "authentic"] as const;

/** A point of a chart; null authenticities are left out. */
export interface Point {
  /** Position among the frames, from 0. */
  readonly index: number;
  readonly authenticity: number;
}

/** Authenticity over the frames of a video: high is authentic, low is forged. It may grow. */
export class Chart {
  readonly element: HTMLElement;
  readonly #line = svg("path", { class: "line" });
  readonly #dots = sides.map((side) => svg("path", { class: `dots ${side}` }));
  readonly #cursor = h("span", { class: "cursor", hidden: true });
  readonly #threshold: Pick<FileReport["threshold"], "forgedBelow" | "authenticAbove">;

  constructor(threshold: Pick<FileReport["threshold"], "forgedBelow" | "authenticAbove">) {
    this.#threshold = threshold;
    const high = y(threshold.authenticAbove);
    const low = y(threshold.forgedBelow);
    this.element = h(
      "div",
      { class: "chart", "aria-hidden": "true" },
      svg(
        "svg",
        { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none" },
        svg("rect", { class: "band authentic", width: WIDTH, height: high }),
        svg("rect", { class: "band forged", y: low, width: WIDTH, height: HEIGHT - low }),
        this.#line,
        ...this.#dots,
      ),
      this.#cursor,
    );
  }

  /** @param count frames of the whole video @param isLinked whether a line runs through the points */
  draw(points: readonly Point[], { count, isLinked }: { count: number; isLinked: boolean }): void {
    const at = ({ index, authenticity }: Point) =>
      `${(((index + 0.5) / count) * WIDTH).toFixed(1)} ${y(authenticity).toFixed(1)}`;
    for (const [i, side] of sides.entries()) {
      const own = points.filter(({ authenticity }) => sideOf(authenticity, this.#threshold) === side);
      // A dot is a line of no length with a round end: it stays round when the drawing is stretched.
      this.#dots[i]!.setAttribute("d", own.map((point) => `M${at(point)}h0`).join(""));
    }
    const line = isLinked
      ? points.map((point, i) => `${points[i - 1]?.index === point.index - 1 ? "L" : "M"}${at(point)}`)
      : [];
    this.#line.setAttribute("d", line.join(""));
  }

  /** @param share of the chart's width */
  moveCursor(share: number): void {
    this.#cursor.hidden = false;
    place(this.#cursor, { left: share });
  }
}

function y(authenticity: number): number {
  return 6 + (1 - authenticity) * (HEIGHT - 12);
}
