import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { seededRandom, tf, useBackend, type Variable } from "../../../src/engine/index.ts";
import { spectrallyNormalised } from "../../../src/networks/layers/spectral-norm.ts";

beforeAll(() => useBackend("wasm"));
beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

const [ROWS, COLUMNS] = [3 * 3 * 4, 5];
const SHAPE = [3, 3, 4, COLUMNS];
const random = seededRandom(1);
const kernel = Float32Array.from({ length: ROWS * COLUMNS }, () => random.normal());
const start = Float32Array.from({ length: COLUMNS }, () => random.normal());

const directionOf = (values: ArrayLike<number>) =>
  tf.variable(tf.tensor2d(Float32Array.from(values), [COLUMNS, 1]));

/** Of a matrix [ROWS, COLUMNS], row by row: the root of the largest eigenvalue of W'W, by power iteration in doubles. */
function largestSingularValue(values: ArrayLike<number>): number {
  const row = (i: number) => Array.from({ length: COLUMNS }, (_, j) => values[i * COLUMNS + j]!);
  const rows = Array.from({ length: ROWS }, (_, i) => row(i));
  let vector = Array.from({ length: COLUMNS }, (_, j) => 1 + j / 10);
  let length = 0;
  for (let i = 0; i < 1000; i++) {
    const image = rows.map((r) => r.reduce((sum, value, j) => sum + value * vector[j]!, 0));
    const back = vector.map((_, j) => rows.reduce((sum, r, k) => sum + r[j]! * image[k]!, 0));
    length = Math.hypot(...back);
    vector = back.map((value) => value / length);
  }
  return Math.sqrt(length);
}

const normalised = (direction: Variable, isUpdating: boolean) =>
  spectrallyNormalised(tf.tensor(kernel, SHAPE), direction, isUpdating).dataSync() as Float32Array;

describe("a spectrally normalised kernel", () => {
  test("is, when the power iterations have settled, the kernel over its largest singular value", () => {
    const direction = directionOf(start);
    for (let i = 0; i < 100; i++) normalised(direction, true);
    const values = normalised(direction, false);
    expect(largestSingularValue(values)).toBeCloseTo(1, 5);
    const sigma = largestSingularValue(kernel);
    expect(sigma).toBeGreaterThan(2);
    for (const [i, value] of values.entries()) expect(value).toBeCloseTo(kernel[i]! / sigma, 5);
  });

  test("is longer than that after one iteration, and no pass moves the iteration unless it is the step's", () => {
    const direction = directionOf(start);
    const first = normalised(direction, false);
    expect(largestSingularValue(first)).toBeGreaterThan(1.001);
    expect(normalised(direction, false)).toEqual(first);
    expect(direction.dataSync()).toEqual(start);
    normalised(direction, true);
    const moved = direction.dataSync() as Float32Array;
    expect(Math.hypot(...moved)).toBeCloseTo(1, 5);
    expect(normalised(direction, false)).not.toEqual(first);
  });
});
