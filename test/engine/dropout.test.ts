import { beforeAll, describe, expect, test } from "vitest";
import { dropout, tf, useBackend } from "../../src/engine/index.ts";

beforeAll(async () => {
  await useBackend("wasm");
});

describe("dropout", () => {
  test("leaves out the share that is asked for, and raises the others so that the mean stays", () => {
    const values = dropout(tf.fill([100, 301], 2), 0.3, 1).dataSync();
    const left = values.filter((value) => value === 0).length / values.length;
    expect(left).toBeGreaterThan(0.28);
    expect(left).toBeLessThan(0.32);
    for (const value of new Set(values))
      expect([0, 2 / 0.7].some((v) => Math.abs(v - value) < 1e-5)).toBe(true);
  });

  test("is the same for a seed, another for another, and says nothing of a neighbour", () => {
    const drawn = (seed: number) => [...dropout(tf.ones([2000]), 0.5, seed).dataSync()].map((v) => v > 0);
    expect(drawn(5)).toEqual(drawn(5));
    expect(drawn(6)).not.toEqual(drawn(5));
    const values = drawn(7);
    const alike = values.filter((value, i) => value === values[i ^ 1]).length / values.length;
    expect(alike).toBeGreaterThan(0.45);
    expect(alike).toBeLessThan(0.55);
  });

  test("of nothing is what it was given, and leaves no tensors behind", () => {
    const x = tf.ones([4]);
    const before = tf.memory().numTensors;
    expect(dropout(x, 0, 1)).toBe(x);
    dropout(x, 0.5, 1).dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
