import { beforeAll, expect, test } from "vitest";
import { seededRandom, type Tensor2D, tf, useBackend } from "../../../src/engine/index.ts";
import { orthonormal } from "../../../src/training/detector/orthonormal.ts";

beforeAll(() => useBackend("wasm"));

test("columns of very different lengths become orthonormal, and span what they did", () => {
  const random = seededRandom(3);
  const columns = tf.tensor2d(
    Float32Array.from({ length: 60 * 8 }, (_, i) => random.normal() * 10 ** (-(i % 8) / 3)),
    [60, 8],
  ) as Tensor2D;
  const basis = orthonormal(columns);
  const gram = tf.matMul(tf.transpose(basis), basis).arraySync() as number[][];
  gram.forEach((row, i) => {
    row.forEach((value, j) => {
      expect(value).toBeCloseTo(i === j ? 1 : 0, 4);
    });
  });
  const projected = tf.matMul(basis, tf.matMul(tf.transpose(basis), columns));
  expect(tf.max(tf.abs(tf.sub(projected, columns))).dataSync()[0]).toBeLessThan(1e-3);
});

test("a column that others span is 0", () => {
  const random = seededRandom(4);
  const one = tf.tensor2d(
    Float32Array.from({ length: 60 * 3 }, () => random.normal()),
    [60, 3],
  ) as Tensor2D;
  const basis = orthonormal(tf.concat([one, tf.sum(one, 1, true)], 1) as Tensor2D);
  const gram = tf.matMul(tf.transpose(basis), basis).arraySync() as number[][];
  const diagonal = gram.map((row, i) => row[i]!);
  [1, 1, 1, 0].forEach((value, i) => {
    expect(diagonal[i]).toBeCloseTo(value, 4);
  });
});
