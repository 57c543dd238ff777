import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { viewOf } from "../../src/faces/blazeface.ts";

const blank = (width: number, height: number) => ({ width, height, data: new Uint8Array(0) });

describe("viewOf", () => {
  test("covers the whole picture with an input of multiples of 32 px", () => {
    const side = fc.integer({ min: 1, max: 4000 });
    fc.assert(
      fc.property(side, side, fc.double({ min: 0.2, max: 20, noNaN: true }), (width, height, wanted) => {
        const { left, top, scale, inputWidth, inputHeight } = viewOf(blank(width, height), wanted);
        expect([inputWidth % 32, inputHeight % 32]).toEqual([0, 0]);
        expect(left).toBeLessThanOrEqual(1e-6 * width);
        expect(top).toBeLessThanOrEqual(1e-6 * height);
        expect(left + inputWidth * scale).toBeGreaterThanOrEqual(width * (1 - 1e-6));
        expect(top + inputHeight * scale).toBeGreaterThanOrEqual(height * (1 - 1e-6));
      }),
    );
  });

  test.each([
    [640, 480, 256, 192],
    [1920, 1080, 256, 160],
    [1080, 1920, 160, 256],
    [1920, 2, 256, 32],
  ])("%i x %i with 256 px on its long side is an input of %i x %i", (width, height, ...input) => {
    const view = viewOf(blank(width, height), Math.max(width, height) / 256);
    expect([view.inputWidth, view.inputHeight]).toEqual(input);
  });

  test("with room, a picture stands in the middle of a square", () => {
    const view = viewOf(blank(200, 100), 320 / 256, 1.6);
    expect(view).toEqual({ left: -60, top: -110, scale: 1.25, inputWidth: 256, inputHeight: 256 });
  });
});
