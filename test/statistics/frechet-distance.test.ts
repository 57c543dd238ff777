import { describe, expect, test } from "vitest";
import { seededRandom } from "../../src/engine/index.ts";
import { frechetDistance, moments } from "../../src/statistics/frechet-distance.ts";
import { inceptionScore } from "../../src/statistics/inception-score.ts";
import { kernelDistance } from "../../src/statistics/kernel-distance.ts";
import { precisionRecall, spread } from "../../src/statistics/precision-recall.ts";
import { symmetricEigen } from "../../src/statistics/symmetric-eigen.ts";

const features = (rows: readonly (readonly number[])[]) => ({
  values: Float32Array.from(rows.flat()),
  dimensions: rows[0]!.length,
});

/** Pairs of points whose covariance is diag(2/3 * sx^2, 2/3 * sy^2) exactly, round a centre. */
const cross = ([x, y]: [number, number], [sx, sy]: [number, number]) =>
  features([
    [x - sx, y],
    [x + sx, y],
    [x, y - sy],
    [x, y + sy],
  ]);

const normals = (count: number, dimensions: number, seed: number, shift = 0) => ({
  values: Float32Array.from(
    { length: count * dimensions },
    (() => {
      const random = seededRandom(seed);
      return () => random.normal() + shift;
    })(),
  ),
  dimensions,
});

describe("eigenvalues of symmetric matrices", () => {
  test("of [[2, 1], [1, 2]] are 1 and 3", () => {
    const { values } = symmetricEigen(Float64Array.of(2, 1, 1, 2), 2);
    expect(values[0]).toBeCloseTo(1, 12);
    expect(values[1]).toBeCloseTo(3, 12);
  });

  test("with their vectors give the matrix back", () => {
    const n = 20;
    const random = seededRandom(4);
    const matrix = new Float64Array(n * n);
    for (let i = 0; i < n; i++)
      for (let j = 0; j <= i; j++) matrix[i * n + j] = matrix[j * n + i] = random.normal();
    const { values, vectors } = symmetricEigen(matrix, n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let k = 0; k < n; k++) sum += vectors[i * n + k]! * values[k]! * vectors[j * n + k]!;
        expect(sum).toBeCloseTo(matrix[i * n + j]!, 9);
      }
    }
  });
});

describe("Frechet distance", () => {
  test("between crosses is the closed form: |m|^2 + sum (s1 - s2)^2", () => {
    // Deviations sqrt(2/3) * (1, 2) and sqrt(2/3) * (3, 1); means (0, 0) and (3, 4).
    const distance = frechetDistance(cross([0, 0], [1, 2]), cross([3, 4], [3, 1]));
    expect(distance).toBeCloseTo(25 + (2 / 3) * ((1 - 3) ** 2 + (2 - 1) ** 2), 5);
  });

  test("of a set from itself is 0", () => {
    const set = normals(200, 5, 1);
    expect(frechetDistance(set, set)).toBeCloseTo(0, 6);
  });

  test("of fewer samples than dimensions is what their span alone gives", () => {
    // The same points with ten dimensions more in which nothing happens.
    const widen = ({ values, dimensions }: ReturnType<typeof cross>) =>
      features(
        Array.from({ length: values.length / dimensions }, (_, i) => [
          ...values.subarray(i * dimensions, (i + 1) * dimensions),
          ...new Array<number>(10).fill(0),
        ]),
      );
    const [a, b] = [cross([0, 0], [1, 2]), cross([3, 4], [3, 1])];
    expect(frechetDistance(widen(a), widen(b))).toBeCloseTo(frechetDistance(a, b), 3);
    const [x, y] = [normals(7, 3, 1), normals(9, 3, 2, 0.5)];
    expect(frechetDistance(widen(x), widen(y))).toBeCloseTo(frechetDistance(x, y), 3);
  });

  test("is refused for single samples", () => {
    expect(() => frechetDistance(normals(1, 2, 1), normals(1, 2, 2))).toThrow(
      "Expected two samples or more on each side.",
    );
  });

  test("rests on mean and covariance divided by n - 1", () => {
    const { mean, covariance } = moments(cross([1, 2], [1, 2]));
    expect(Array.from(mean)).toEqual([1, 2]);
    expect(covariance[0]).toBeCloseTo(2 / 3, 12);
    expect(covariance[1]).toBeCloseTo(0, 12);
    expect(covariance[3]).toBeCloseTo(8 / 3, 12);
  });
});

describe("kernel distance", () => {
  test("of four numbers is what a hand computes", () => {
    // d = 1, k(x, y) = (xy + 1)^3. Within {0, 1}: k = 1; within {2, 3}: 7^3 = 343; between: 1, 1, 27, 64.
    const { mean, standardError } = kernelDistance(features([[0], [1]]), features([[2], [3]]), {
      uniform: Math.random,
    });
    expect(mean).toBeCloseTo(1 + 343 - (2 * (1 + 1 + 27 + 64)) / 4, 4);
    expect(standardError).toBeNull();
  });

  test("of two draws of one distribution is 0 within its standard error", () => {
    const options = { uniform: seededRandom(1).uniform, subsetSize: 100, subsets: 30 };
    const { mean, standardError, subsetSize } = kernelDistance(
      normals(400, 4, 1),
      normals(400, 4, 2),
      options,
    );
    expect(subsetSize).toBe(100);
    expect(Math.abs(mean)).toBeLessThan(6 * standardError!);
    const far = kernelDistance(normals(400, 4, 1), normals(400, 4, 2, 1), options);
    expect(far.mean).toBeGreaterThan(1);
  });
});

describe("precision and recall", () => {
  const line = (from: number, to: number) =>
    features(Array.from({ length: to - from }, (_, i) => [from + i, 0]));

  test("are 1 for the same set", () => {
    expect(precisionRecall(line(0, 20), line(0, 20))).toEqual({ precision: 1, recall: 1 });
  });

  test("are 0 for sets far apart", () => {
    expect(precisionRecall(line(0, 20), line(100, 120))).toEqual({ precision: 0, recall: 0 });
  });

  test("a collapsed generator has precision and no recall", () => {
    const collapsed = features(Array.from({ length: 20 }, (_, i) => [5 + i * 1e-4, 0]));
    const { precision, recall } = precisionRecall(line(0, 20), collapsed);
    expect(precision).toBe(1);
    expect(recall).toBeLessThanOrEqual(0.05);
  });

  test("the spread of a collapsed set is near 0", () => {
    expect(spread(line(0, 2))).toBe(1);
    expect(spread(features([[5], [5], [5]]))).toBe(0);
  });
});

describe("inception score", () => {
  test("is the number of classes when each is drawn evenly and surely", () => {
    expect(inceptionScore(Float32Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1), 3)).toBeCloseTo(3, 6);
  });

  test("is 1 when all posteriors are alike", () => {
    expect(inceptionScore(Float32Array.of(0.2, 0.8, 0.2, 0.8), 2)).toBeCloseTo(1, 6);
  });
});
