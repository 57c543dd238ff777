import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Picture, sampleSquare } from "../../src/faces/index.ts";

/** A square picture whose pixels are all different. */
function picture(side: number, value = (i: number) => (i * 37) % 256): Picture {
  return {
    width: side,
    height: side,
    data: Uint8Array.from({ length: side * side * 3 }, (_, i) => value(i)),
  };
}

const whole = ({ width }: Picture) => ({ centreX: width / 2, centreY: width / 2, side: width });
const anySquarePicture = fc
  .integer({ min: 1, max: 12 })
  .chain((side) =>
    fc
      .uint8Array({ minLength: side * side * 3, maxLength: side * side * 3 })
      .map((data): Picture => ({ width: side, height: side, data })),
  );

/** RGB of one pixel. */
const at = (data: Uint8Array, side: number, column: number, row: number) => [
  ...data.subarray((row * side + column) * 3, (row * side + column) * 3 + 3),
];

describe("sampleSquare", () => {
  test("the whole of a picture at its own size is the picture", () => {
    fc.assert(
      fc.property(anySquarePicture, fc.constantFrom("edge" as const, "black" as const), (p, beyond) => {
        expect(sampleSquare(p, whole(p), p.width, beyond)).toEqual(p.data);
      }),
    );
  });

  test("a square within a picture is cut out as it is", () => {
    const p = picture(8);
    const cut = sampleSquare(p, { centreX: 5, centreY: 3, side: 2 }, 2, "edge");
    expect([at(cut, 2, 0, 0), at(cut, 2, 1, 0)]).toEqual([at(p.data, 8, 4, 2), at(p.data, 8, 5, 2)]);
    expect([at(cut, 2, 0, 1), at(cut, 2, 1, 1)]).toEqual([at(p.data, 8, 4, 3), at(p.data, 8, 5, 3)]);
  });

  test("halving gives the mean of each four pixels, rounded", () => {
    fc.assert(
      fc.property(
        anySquarePicture.filter(({ width }) => width % 2 === 0),
        (p) => {
          const half = p.width / 2;
          const shrunk = sampleSquare(p, whole(p), half, "edge");
          for (let row = 0; row < half; row++) {
            for (let column = 0; column < half; column++) {
              const four = [0, 1].flatMap((i) =>
                [0, 1].map((j) => at(p.data, p.width, 2 * column + j, 2 * row + i)),
              );
              const mean = [0, 1, 2].map((c) =>
                Math.floor(four.reduce((sum, v) => sum + v[c]!, 0) / 4 + 0.5),
              );
              expect(at(shrunk, half, column, row)).toEqual(mean);
            }
          }
        },
      ),
    );
  });

  test("shrinking is no aliasing: a checkerboard turns grey", () => {
    const board = picture(32, (i) => (((Math.floor(i / 3) % 32) + Math.floor(i / 96)) % 2 === 0 ? 0 : 255));
    expect(new Set(sampleSquare(board, whole(board), 4, "edge"))).toEqual(new Set([128]));
  });

  test("enlarging is linear between the centres of pixels", () => {
    const two: Picture = {
      width: 2,
      height: 2,
      data: Uint8Array.from([0, 0, 0, 100, 100, 100].concat([0, 0, 0, 100, 100, 100])),
    };
    const large = sampleSquare(two, whole(two), 4, "edge");
    expect([0, 1, 2, 3].map((column) => large[column * 3])).toEqual([0, 25, 75, 100]);
  });

  test("beyond the edge stands the nearest pixel, or black", () => {
    const p = picture(2, (i) => 50 + i);
    const square = { centreX: 0, centreY: 1, side: 4 };
    const edge = sampleSquare(p, square, 4, "edge");
    const black = sampleSquare(p, square, 4, "black");
    expect([0, 1, 2, 3].map((column) => edge[(4 + column) * 3])).toEqual([50, 50, 50, 53]);
    expect([0, 1, 2, 3].map((column) => edge[column * 3])).toEqual([50, 50, 50, 53]);
    expect([0, 1, 2, 3].map((column) => black[(4 + column) * 3])).toEqual([0, 0, 50, 53]);
    expect([0, 1, 2, 3].map((column) => black[column * 3])).toEqual([0, 0, 0, 0]);
  });

  test("a square that lies outside is all edge, or all black", () => {
    const p = picture(4, () => 200);
    const far = { centreX: -50, centreY: 90, side: 4 };
    expect(new Set(sampleSquare(p, far, 4, "edge"))).toEqual(new Set([200]));
    expect(new Set(sampleSquare(p, far, 4, "black"))).toEqual(new Set([0]));
  });

  test("a quarter turn is exact: what lay to the right of the centre is seen at the bottom", () => {
    fc.assert(
      fc.property(anySquarePicture, (p) => {
        const side = p.width;
        const turned = sampleSquare(p, { ...whole(p), angleRad: Math.PI / 2 }, side, "edge");
        for (let row = 0; row < side; row++) {
          for (let column = 0; column < side; column++)
            expect(at(turned, side, column, row)).toEqual(at(p.data, side, side - 1 - row, column));
        }
      }),
    );
  });

  test("no sample leaves the range of the picture", () => {
    const anySquare = fc.record({
      centreX: fc.double({ min: -20, max: 30, noNaN: true }),
      centreY: fc.double({ min: -20, max: 30, noNaN: true }),
      side: fc.double({ min: 0.01, max: 60, noNaN: true }),
      angleRad: fc.double({ min: -4, max: 4, noNaN: true }),
    });
    fc.assert(
      fc.property(anySquarePicture, anySquare, (p, square) => {
        const sampled = sampleSquare(p, square, 5, "edge");
        expect(Math.min(...sampled)).toBeGreaterThanOrEqual(Math.min(...p.data));
        expect(Math.max(...sampled)).toBeLessThanOrEqual(Math.max(...p.data));
      }),
    );
  });
});
