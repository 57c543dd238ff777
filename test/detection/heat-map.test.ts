import { describe, expect, test } from "vitest";
import { drawHeat, logitAt, tintOf } from "../../src/detection/heat-map.ts";

const heat = { width: 2, height: 2, logits: Float32Array.from([-4, 4, 0, 0]) };

describe("a heat map", () => {
  test("has its own value at the centre of each cell and goes straight between them", () => {
    expect(logitAt(heat, 0.25, 0.25)).toBe(-4);
    expect(logitAt(heat, 0.75, 0.25)).toBe(4);
    expect(logitAt(heat, 0.5, 0.25)).toBe(0);
    expect(logitAt(heat, 0.25, 0.5)).toBe(-2);
    expect(logitAt(heat, 0, 0)).toBe(-4);
    expect(logitAt(heat, 1, 0)).toBe(4);
  });

  test("is orange where it looks forged, green where authentic, and clear where it says nothing", () => {
    expect(tintOf(-4)).toEqual({ red: 213, green: 94, blue: 0, opacity: 0.6 });
    expect(tintOf(9)).toEqual({ red: 0, green: 158, blue: 115, opacity: 0.6 });
    expect(tintOf(0).opacity).toBe(0);
  });

  test("is drawn over a picture that stays as it is", () => {
    const crop = { width: 2, height: 2, data: new Uint8Array(12).fill(100) };
    const drawn = drawHeat(crop, heat);
    expect([...drawn.data]).toEqual([168, 96, 40, 40, 135, 109, 100, 100, 100, 100, 100, 100]);
    expect(crop.data.every((value) => value === 100)).toBe(true);
  });
});
