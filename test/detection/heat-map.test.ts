import { describe, expect, test } from "vitest";
import { type Color, colorAt, drawHeatMap, isHot, renderHeatMap } from "../../src/detection/heat-map.ts";

describe("a heat map", () => {
  test("has the same tint for the same probability, stronger and darker the likelier, and none below 0.3", () => {
    for (const fake of [0, 0.1, 0.3]) expect(colorAt(fake).opacity).toBe(0);
    const tints = [0.35, 0.5, 0.6, 0.75, 0.85, 0.95].map(colorAt);
    const luminance = ({ red, green, blue }: Color) => 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    for (const [i, tint] of tints.entries()) {
      if (i === 0) continue;
      expect(tint.opacity).toBeGreaterThan(tints[i - 1]!.opacity);
      expect(luminance(tint)).toBeLessThan(luminance(tints[i - 1]!));
    }
    expect(colorAt(1)).toEqual(colorAt(0.95));
    expect(Math.max(...tints.map(({ opacity }) => opacity))).toBeLessThan(0.6);
  });

  const cells = (fake: (column: number, row: number) => number) => ({
    width: 14,
    height: 14,
    fake: Float32Array.from({ length: 196 }, (_, i) => fake(i % 14, Math.floor(i / 14))),
  });
  const alphaAt = (pixels: Uint8ClampedArray, x: number, y: number) => pixels[4 * (y * 100 + x) + 3]!;

  test("is clear outside the face's outline, and where nothing looks fake", () => {
    const hot = renderHeatMap(
      cells(() => 1),
      100,
    );
    for (const [x, y] of [
      [1, 1],
      [98, 98],
      [2, 50],
      [50, 2],
    ] as const)
      expect(alphaAt(hot, x, y)).toBe(0);
    expect(alphaAt(hot, 50, 50)).toBeGreaterThan(100);
    expect(
      renderHeatMap(
        cells(() => 0.2),
        100,
      ).every((value) => value === 0),
    ).toBe(true);
  });

  test("is hot where a place in the face looks more fake than not, and nowhere else", () => {
    expect(isHot(cells(() => 0.45))).toBe(false);
    expect(isHot(cells((column, row) => (column === 7 && row === 7 ? 0.6 : 0)))).toBe(true);
    expect(isHot(cells((column, row) => (column === 0 && row === 0 ? 1 : 0)))).toBe(false);
  });

  test("has a contour where it crosses a level, and none on a plateau", () => {
    const pixels = renderHeatMap(
      cells((column) => (column < 7 ? 0.6 : 0.9)),
      100,
    );
    const row = Array.from({ length: 60 }, (_, i) => alphaAt(pixels, 20 + i, 50));
    const middle = Math.max(...row.slice(27, 34));
    expect(middle).toBeGreaterThan(Math.max(...row.slice(0, 20)) + 40);
    expect(new Set(row.slice(2, 20)).size).toBe(1);
  });

  test("is drawn over a picture that stays as it is", () => {
    const crop = { width: 100, height: 100, data: new Uint8Array(30_000).fill(100) };
    const drawn = drawHeatMap(
      crop,
      cells((column) => (column < 7 ? 0.95 : 0)),
    );
    const at = (x: number) => [...drawn.data.subarray(3 * (5000 + x), 3 * (5000 + x) + 3)];
    expect(at(30)[1]).toBeLessThan(70);
    expect(at(70)).toEqual([100, 100, 100]);
    expect(crop.data.every((value) => value === 100)).toBe(true);
  });
});
