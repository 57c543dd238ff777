import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type BoxPx, cropFace, cropSquare, type Picture } from "../../src/faces/index.ts";

describe("cropSquare", () => {
  test("has the box's centre and the margin times its longer side", () => {
    expect(cropSquare([10, 20, 30, 40], 1.5)).toEqual({ centreX: 25, centreY: 40, side: 60 });
    expect(cropSquare([-10, 0, 40, 30], 1)).toEqual({ centreX: 10, centreY: 15, side: 40 });
  });

  test("moves and grows with the box", () => {
    const side = fc.integer({ min: 1, max: 1000 });
    const place = fc.integer({ min: -1000, max: 1000 });
    fc.assert(
      fc.property(place, place, side, side, fc.integer({ min: 1, max: 4 }), (x, y, width, height, times) => {
        const one = cropSquare([x, y, width, height], 1.3);
        const many = cropSquare([x * times, y * times, width * times, height * times], 1.3);
        expect(many.centreX).toBeCloseTo(one.centreX * times, 9);
        expect(many.centreY).toBeCloseTo(one.centreY * times, 9);
        expect(many.side).toBeCloseTo(one.side * times, 9);
      }),
    );
  });
});

describe("cropFace", () => {
  /** Red counts columns, green counts rows. */
  const ramp: Picture = {
    width: 16,
    height: 16,
    data: Uint8Array.from({ length: 16 * 16 * 3 }, (_, i) => {
      const pixel = Math.floor(i / 3);
      return [pixel % 16, Math.floor(pixel / 16), 7][i % 3]!;
    }),
  };
  const red = (crop: Uint8Array, size: number) => Array.from({ length: size }, (_, i) => crop[i * 3]);
  const green = (crop: Uint8Array, size: number) =>
    Array.from({ length: size }, (_, i) => crop[i * size * 3 + 1]);

  test("cuts the square at the size of its specification", () => {
    const box: BoxPx = [6, 7, 4, 2];
    const crop = cropFace(ramp, box, { sizePx: 8, margin: 2 });
    expect(crop).toHaveLength(8 * 8 * 3);
    expect(red(crop, 8)).toEqual([4, 5, 6, 7, 8, 9, 10, 11]);
    expect(green(crop, 8)).toEqual([4, 5, 6, 7, 8, 9, 10, 11]);
  });

  test("repeats the edge past the picture", () => {
    const crop = cropFace(ramp, [0, 0, 4, 4], { sizePx: 8, margin: 2 });
    expect(red(crop, 8)).toEqual([0, 0, 0, 1, 2, 3, 4, 5]);
    expect(green(crop, 8)).toEqual([0, 0, 0, 1, 2, 3, 4, 5]);
  });
});
