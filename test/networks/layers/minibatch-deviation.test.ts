import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Tensor4D, tf, useBackend } from "../../../src/engine/index.ts";
import { appendDeviation } from "../../../src/networks/layers/minibatch-deviation.ts";

beforeAll(() => useBackend("wasm"));
beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

/** One row of values for each picture -> maps [N, 1, 2, values / 2]. */
const mapsOf = (pictures: number[][]) =>
  tf.tensor4d(pictures.flat(), [pictures.length, 1, 2, pictures[0]!.length / 2]) as Tensor4D;

/** The appended channel, place by place, of each picture. */
const appended = (pictures: number[][], isMeasured = true) => {
  const whole = appendDeviation(mapsOf(pictures), isMeasured).arraySync();
  return whole.map((picture) => picture.flat().map((place) => place.at(-1)!));
};

const expectClose = (actual: number[][], expected: number[]) => {
  expect(actual).toHaveLength(expected.length);
  for (const [i, picture] of actual.entries()) {
    expect(picture).toHaveLength(2);
    for (const value of picture) expect(value).toBeCloseTo(expected[i]!, 6);
  }
};

describe("the channel that minibatch standard deviation appends", () => {
  test("is the root of epsilon where all pictures are the same", () => {
    const same = [0.5, -1, 2, 7];
    expectClose(appended([same, same, same, same]), [1e-4, 1e-4, 1e-4, 1e-4]);
  });

  test("is the mean of the deviations of every place and channel, and leaves the others as they are", () => {
    const pictures = [
      [0, 3, 5, 10],
      [0, -3, 5, 20],
      [2, 3, 5, 10],
      [2, -3, 5, 20],
    ];
    // Deviations 1, 3, sqrt(1e-8) and 5 over the four pictures.
    const expected = (1 + 3 + 1e-4 + 5) / 4;
    expectClose(appended(pictures), [expected, expected, expected, expected]);
    const whole = appendDeviation(mapsOf(pictures), true);
    expect(whole.shape).toEqual([4, 1, 2, 3]);
    expect(tf.slice(whole, [0, 0, 0, 0], [4, 1, 2, 2]).arraySync()).toEqual(mapsOf(pictures).arraySync());
  });

  test("is measured in each group of four by itself: every second picture of eight", () => {
    const pictures = [1, 5, 1, 5, -1, -5, -1, -5].map((value) => [value, value]);
    expectClose(appended(pictures), [1, 5, 1, 5, 1, 5, 1, 5]);
  });

  test("is that of the whole batch where four does not divide it", () => {
    expectClose(
      appended([
        [2, 2],
        [4, 4],
        [6, 6],
      ]),
      Array(3).fill(Math.sqrt(8 / 3)),
    );
  });

  test("is 0 where each picture is judged by itself", () => {
    expectClose(
      appended(
        [
          [2, 2],
          [4, 4],
          [6, 6],
        ],
        false,
      ),
      [0, 0, 0],
    );
  });
});
