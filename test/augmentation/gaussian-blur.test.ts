import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { gaussianBlur } from "../../src/augmentation/gaussian-blur.ts";

const sum = (values: Float32Array) => values.reduce((total, value) => total + value, 0);

describe("gaussianBlur", () => {
  test("leaves a constant picture as it is", () => {
    const side = fc.integer({ min: 1, max: 20 });
    const sigma = fc.double({ min: 0.2, max: 8, noNaN: true });
    fc.assert(
      fc.property(side, side, fc.constantFrom(1, 3), sigma, (width, height, channels, s) => {
        const flat = new Float32Array(width * height * channels).fill(100);
        const soft = gaussianBlur(flat, { width, height, channels }, s);
        expect(soft).toHaveLength(flat.length);
        expect(soft.every((value) => Math.abs(value - 100) < 1e-3)).toBe(true);
      }),
    );
  });

  test("keeps the mean of what lies within, and each channel to itself", () => {
    const shape = { width: 21, height: 21, channels: 3 };
    const dot = new Float32Array(21 * 21 * 3);
    dot.set([100, 50, 0], (10 * 21 + 10) * 3);
    const soft = gaussianBlur(dot, shape, 2);
    const channel = (c: number) => soft.filter((_, i) => i % 3 === c);
    expect(sum(channel(0))).toBeCloseTo(100, 3);
    expect(sum(channel(1))).toBeCloseTo(50, 3);
    expect(sum(channel(2))).toBe(0);
    expect(sum(dot)).toBe(150);
  });

  test("spreads a dot as a Gaussian: its variance is sigma squared, alike in both directions", () => {
    const dot = new Float32Array(41 * 41);
    dot[20 * 41 + 20] = 1;
    const soft = gaussianBlur(dot, { width: 41, height: 41, channels: 1 }, 3);
    const variance = (along: (i: number) => number) =>
      soft.reduce((total, value, i) => total + value * (along(i) - 20) ** 2, 0);
    // Cut at 3 sigma, the kernel loses 3% of its variance.
    expect(variance((i) => i % 41)).toBeGreaterThan(8.5);
    expect(variance((i) => i % 41)).toBeLessThan(9);
    expect(variance((i) => Math.floor(i / 41))).toBeCloseTo(
      variance((i) => i % 41),
      4,
    );
  });

  test("stays within the range of its source", () => {
    const source = fc.array(fc.float({ min: 0, max: 255, noNaN: true }), { minLength: 48, maxLength: 48 });
    fc.assert(
      fc.property(source, fc.double({ min: 0.2, max: 5, noNaN: true }), (values, sigma) => {
        const soft = gaussianBlur(Float32Array.from(values), { width: 4, height: 4, channels: 3 }, sigma);
        expect(Math.min(...soft)).toBeGreaterThanOrEqual(Math.min(...values) - 1e-3);
        expect(Math.max(...soft)).toBeLessThanOrEqual(Math.max(...values) + 1e-3);
      }),
    );
  });
});
