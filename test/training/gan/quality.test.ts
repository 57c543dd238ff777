import { beforeAll, describe, expect, test } from "vitest";
import { seededRandom, useBackend } from "../../../src/engine/index.ts";
import { type Embedded, measure } from "../../../src/training/gan/quality.ts";

beforeAll(() => useBackend("wasm"));

const N = 8;
const embedded = (values: Float32Array): Embedded => ({
  features: { values, dimensions: 2 },
  posteriors: null,
  classes: 0,
});

const random = seededRandom(1);
/** Multiples of 1/64: their products are exact in float32. */
const reals = Float32Array.from({ length: 2 * N }, () => (random.integer(257) - 128) / 64);

const spreadOf = (fakes: Float32Array) => measure(embedded(reals), embedded(fakes), "face").spread;

describe("the spread of samples, as a share of the reals'", () => {
  test("is 0 where the generator makes one picture only", () => {
    const one = Float32Array.from({ length: 2 * N }, (_, i) => (i % 2 === 0 ? 0.75 : -1.5));
    expect(spreadOf(one)).toBe(0);
  });

  test("is 1 where the samples differ as the reals do, wherever they are", () => {
    expect(spreadOf(reals)).toBe(1);
    expect(spreadOf(reals.map((value) => value + 4))).toBeCloseTo(1, 6);
  });

  test("is a half where all distances are half as long", () => {
    expect(spreadOf(reals.map((value) => value / 2))).toBeCloseTo(0.5, 6);
  });

  test("is that of the mean distance: of two pictures, four times each, 4/7 of the distance between them", () => {
    const two = Float32Array.from({ length: 2 * N }, (_, i) => (i % 2 === 0 && i % 4 === 0 ? 3 : 0));
    let sum = 0;
    for (let i = 0; i < N; i++) {
      for (let j = 0; j < N; j++) {
        sum += Math.hypot(reals[2 * i]! - reals[2 * j]!, reals[2 * i + 1]! - reals[2 * j + 1]!);
      }
    }
    const ofReals = sum / (N * (N - 1));
    expect(spreadOf(two)).toBeCloseTo(((4 / 7) * 3) / ofReals, 5);
  });
});
