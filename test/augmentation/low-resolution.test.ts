import { beforeAll, expect, test } from "vitest";
import { applyLowResolution, drawLowResolution, upscale, warpFace } from "../../src/augmentation/index.ts";
import { seededRandom, type Tensor4D, tf, useBackend } from "../../src/engine/index.ts";

beforeAll(() => useBackend("wasm"));

const stripes = (): Tensor4D =>
  tf.tensor4d(
    Float32Array.from({ length: 16 * 16 * 3 }, (_, i) => (Math.floor(i / 3) % 2 === 0 ? 1 : -1)),
    [1, 16, 16, 3],
  );
const flat = (value: number): Tensor4D => tf.fill([1, 16, 16, 3], value);

test("shrinking takes the detail out and enlarging brings the size back", () => {
  const [detail, side] = tf.tidy(() => {
    const small = applyLowResolution(stripes(), { halvings: 2, blurs: 1, noise: 0 }, seededRandom(1));
    return [tf.max(tf.abs(small)).dataSync()[0], upscale(small, 16).shape];
  });
  // At the edge, which is mirrored, a stripe is as wide as two.
  expect(detail).toBeLessThan(0.2);
  expect(side).toEqual([1, 16, 16, 3]);
});

test("a flat picture stays as it is, up to its edges", () => {
  const values = tf.tidy(() => {
    const small = applyLowResolution(flat(0.5), { halvings: 1, blurs: 2, noise: 0 }, seededRandom(1));
    return [...upscale(small, 16).dataSync()];
  });
  expect(Math.max(...values.map((value) => Math.abs(value - 0.5)))).toBeLessThan(1e-6);
});

test("noise has the deviation that was asked for, and the same draws make the same noise", () => {
  const draw = (seed: number) =>
    tf.tidy(() => [
      ...applyLowResolution(flat(0), { halvings: 1, blurs: 0, noise: 0.1 }, seededRandom(seed)).dataSync(),
    ]);
  const values = draw(5);
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
  expect(deviation).toBeGreaterThan(0.08);
  expect(deviation).toBeLessThan(0.12);
  expect(draw(5)).toEqual(values);
  expect(draw(6)).not.toEqual(values);
});

test("losses are drawn within what a restorer is meant for", () => {
  const random = seededRandom(3);
  const drawn = Array.from({ length: 200 }, () => drawLowResolution(random));
  expect(new Set(drawn.map(({ halvings }) => halvings))).toEqual(new Set([1, 2]));
  expect(new Set(drawn.map(({ blurs }) => blurs))).toEqual(new Set([0, 1, 2]));
  expect(Math.max(...drawn.map(({ noise }) => noise))).toBeLessThan(0.06);
});

test("a warped face is another picture of the same face, at its place in the batch only", () => {
  const source = new Float32Array(2 * 16 * 16 * 3).map((_, i) => Math.sin(i / 40));
  const target = new Float32Array(source.length);
  warpFace(source, target, { side: 16, offset: 768, random: seededRandom(1) });
  expect(target.subarray(0, 768).every((value) => value === 0)).toBe(true);
  const distance = Math.hypot(...target.subarray(768).map((value, i) => value - source[768 + i]!));
  const length = Math.hypot(...source.subarray(768));
  expect(distance).toBeGreaterThan(0.01 * length);
  expect(distance).toBeLessThan(length);
});
