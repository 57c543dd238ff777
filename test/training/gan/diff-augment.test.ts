import { beforeAll, expect, test } from "vitest";
import { seededRandom, type Tensor4D, tf, useBackend } from "../../../src/engine/index.ts";
import { augment, parseAugment } from "../../../src/training/gan/diff-augment.ts";

beforeAll(() => useBackend("cpu"));

const ramp = () =>
  tf.tensor4d(
    Float32Array.from({ length: 2 * 16 * 16 * 3 }, (_, i) => ((i * 7919) % 1000) / 1000 + 0.001),
    [2, 16, 16, 3],
  );

test("no part leaves pictures as they are", () => {
  const images = ramp();
  expect(parseAugment("none")).toEqual([]);
  expect(augment(images, [], seededRandom(1))).toBe(images);
});

test("translation moves each picture by whole pixels, at most an eighth of its side, and brings in 0", () => {
  const images = ramp();
  const [a, b] = [images, augment(images, ["translation"], seededRandom(3))].map(
    (t) => t.arraySync() as number[][][][],
  );
  for (let n = 0; n < 2; n++) {
    const fits: string[] = [];
    for (let dy = -2; dy <= 2; dy++) {
      for (let dx = -2; dx <= 2; dx++) {
        let isSame = true;
        for (let y = 0; y < 16 && isSame; y++) {
          for (let x = 0; x < 16 && isSame; x++) {
            const expected = a![n]![y - dy]?.[x - dx]?.[0] ?? 0;
            isSame = Math.abs(b![n]![y]![x]![0]! - expected) < 1e-6;
          }
        }
        if (isSame) fits.push(`${dy},${dx}`);
      }
    }
    expect(fits).toHaveLength(1);
  }
});

test("cutout sets a square of at most half the side to 0", () => {
  const out = augment(ramp(), ["cutout"], seededRandom(5)).arraySync() as number[][][][];
  for (const picture of out) {
    const zeros = picture.flat().filter((pixel) => pixel.every((value) => value === 0)).length;
    expect(zeros).toBeGreaterThanOrEqual(16);
    expect(zeros).toBeLessThanOrEqual(64);
  }
});

test("colour keeps the order of grey pixels and changes each picture by itself", () => {
  const images = tf.tile(tf.reshape(tf.linspace(-1, 1, 16), [1, 16, 1, 1]), [2, 1, 16, 3]) as Tensor4D;
  const out = augment(images, ["colour"], seededRandom(2)).arraySync() as number[][][][];
  const columns = out.map((picture) => picture.map((row) => row[0]![0]!));
  for (const column of columns) expect([...column].sort((x, y) => x - y)).toEqual(column);
  expect(columns[0]).not.toEqual(columns[1]);
});

test("the gradient passes through all parts", () => {
  const gradient = tf.grad((x) =>
    tf.sum(augment(x as Tensor4D, ["colour", "translation", "cutout"], seededRandom(4))),
  )(ramp());
  const values = Array.from(gradient.dataSync());
  expect(values.every(Number.isFinite)).toBe(true);
  expect(values.some((value) => value !== 0)).toBe(true);
});
