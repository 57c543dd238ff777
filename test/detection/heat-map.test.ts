import { describe, expect, test } from "vitest";
import { drawHeat, fakeAt, tintOf } from "../../src/detection/heat-map.ts";

const heat = { width: 2, height: 2, fake: Float32Array.from([0, 1, 0.25, 0.25]) };

describe("a heat map", () => {
  test("has its own value at the centre of each cell and goes straight between them", () => {
    expect(fakeAt(heat, 0.25, 0.25)).toBe(0);
    expect(fakeAt(heat, 0.75, 0.25)).toBe(1);
    expect(fakeAt(heat, 0.5, 0.25)).toBe(0.5);
    expect(fakeAt(heat, 0.25, 0.5)).toBe(0.125);
    expect(fakeAt(heat, 0, 0)).toBe(0);
    expect(fakeAt(heat, 1, 0)).toBe(1);
    expect(fakeAt(heat, 1, 1)).toBe(0.25);
  });

  test("is orange where the face looks fake, the more so the likelier, and clear where it does not", () => {
    for (const fake of [0, 0.1, 0.3]) expect(tintOf(fake).opacity).toBe(0);
    expect(tintOf(0.6)).toMatchObject({ red: 213, green: 94, blue: 0 });
    expect(tintOf(0.6).opacity).toBeCloseTo(0.325, 6);
    expect(tintOf(0.9).opacity).toBeCloseTo(0.65, 6);
    expect(tintOf(1)).toEqual({ red: 213, green: 94, blue: 0, opacity: 0.65 });
  });

  test("is drawn over a picture that stays as it is", () => {
    const crop = { width: 2, height: 2, data: new Uint8Array(12).fill(100) };
    const drawn = drawHeat(crop, heat);
    expect([...drawn.data]).toEqual([100, 100, 100, 173, 96, 35, 100, 100, 100, 100, 100, 100]);
    expect(crop.data.every((value) => value === 100)).toBe(true);
  });
});
