import { describe, expect, test } from "vitest";
import { drawChart } from "../../../src/training/report/curves.ts";

/** Texts of a chart along one of its axes, which are told apart by how they are aligned. */
function labels(svg: string, anchor: "middle" | "end"): string[] {
  return [...svg.matchAll(new RegExp(`text-anchor="${anchor}">([^<]*)<`, "g"))].map(([, text]) => text!);
}

/** Where the points of a curve lie. */
function pathOf(svg: string): [number, number][] {
  const path = /<g class="c0"><path d="(M[^"]*)"\/>(?!<\/g><text)/.exec(svg)![1]!;
  return [...path.matchAll(/[ML]([\d.-]+) ([\d.-]+)/g)].map(([, x, y]) => [Number(x), Number(y)]);
}

describe("drawChart", () => {
  test("begins where the run began, with round numbers and the unit below", () => {
    const points = [447, 500, 600, 771].map((kimg) => [kimg, kimg / 500] as const);
    const { svg } = drawChart({ title: "Loss", curves: [{ name: "", points }], unit: "kimg" });
    expect(labels(svg, "middle")).toEqual(["500", "600", "700", "kimg"]);
    const [first, last] = [pathOf(svg)[0]!, pathOf(svg).at(-1)!];
    // The y axis lies left of 50, the plot ends at 386.
    expect(first[0]).toBeLessThan(50);
    expect(last[0]).toBe(386);
  });

  test("fits y to what was measured: 101 to 99 is no flat line", () => {
    const points = [[500, 100.75] as const, [600, 99.07] as const];
    const { svg } = drawChart({ title: "Distance", curves: [{ name: "", points }], unit: "kimg" });
    expect(labels(svg, "end")).toEqual(["99.0", "99.5", "100.0", "100.5", "101.0"]);
    const [first, last] = pathOf(svg);
    expect(last![1] - first![1]).toBeGreaterThan(100);
  });

  test("y shows the values that are asked for in any case", () => {
    const curves = [{ name: "recall", points: [[1, 0.4] as const, [2, 0.5] as const] }];
    const { svg } = drawChart({ title: "Coverage", curves, unit: "kimg", shown: [0, 1] });
    expect(labels(svg, "end")).toEqual(["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
  });

  test("a single point is a dot with its own x, many points are a line alone", () => {
    const one = drawChart({
      title: "Recall",
      curves: [{ name: "", points: [[500.096, 0.1]] }],
      unit: "kimg",
    });
    expect(one.svg.match(/<circle /g)).toHaveLength(1);
    expect(labels(one.svg, "middle")).toEqual(["500.1", "kimg"]);
    const points = Array.from({ length: 41 }, (_, i) => [i, i] as const);
    const many = drawChart({ title: "Loss", curves: [{ name: "", points }], unit: "kimg" });
    expect(many.svg).not.toContain("<circle ");
  });

  test("says in words what it shows, with the unit of y", () => {
    const curves = [
      { name: "reals", points: [[1, 2] as const, [3, 0.51234] as const] },
      { name: "fakes", points: [] },
    ];
    expect(drawChart({ title: "Speed", curves, unit: "kimg", yUnit: "images/s" }).alt).toBe(
      "Speed, images/s: reals 0.5123 at 3 kimg",
    );
  });

  test.each([
    ["nothing", []],
    ["no number", [[1, Number.NaN] as const, [2, Number.POSITIVE_INFINITY] as const]],
  ])("of %s it says that there is nothing yet", (_, points) => {
    const { svg, alt } = drawChart({ title: "Loss", curves: [{ name: "", points }], unit: "steps" });
    expect(alt).toBe("Loss: nothing yet");
    expect(labels(svg, "middle")).toEqual(["nothing yet"]);
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
  });

  test("a curve that stays as it is lies in the middle", () => {
    const { svg } = drawChart({
      title: "Loss",
      curves: [{ name: "", points: [1, 2, 3].map((x) => [x, 5] as const) }],
      unit: "kimg",
    });
    expect(svg).not.toMatch(/NaN|Infinity/);
    expect(labels(svg, "end")).toEqual(["4.4", "4.6", "4.8", "5.0", "5.2", "5.4", "5.6"]);
  });

  test("names that do not fit beside each other get rows of their own", () => {
    const curves = Array.from({ length: 8 }, (_, i) => ({
      name: `a source with a name ${i}`,
      points: [[0, i] as const],
    }));
    const height = (count: number) =>
      drawChart({ title: "AUC", curves: curves.slice(0, count), unit: "steps" }).height;
    expect(height(2)).toBe(height(1));
    expect(height(8) - height(2)).toBe(54);
  });

  test("looks as its reader likes, light or dark, and takes no tags from a name", () => {
    const { svg } = drawChart({
      title: "<b>",
      curves: [{ name: "</svg><script>", points: [[0, 1]] }],
      unit: "kimg",
    });
    expect(svg).toContain("@media (prefers-color-scheme:dark)");
    expect(svg).not.toMatch(/<b>|<script>/);
  });
});
