import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seededRandom } from "../../src/engine/index.ts";
import { bootstrapInterval, bootstrapIntervals } from "../../src/statistics/bootstrap.ts";
import {
  calibrationError,
  rocAuc,
  type Scored,
  shareBelow,
  thresholdAtFpr,
} from "../../src/statistics/metrics.ts";

const reals = (...scores: number[]): Scored[] => scores.map((score) => ({ score, isReal: true }));
const fakes = (...scores: number[]): Scored[] => scores.map((score) => ({ score, isReal: false }));

/** Few different scores, so that ties are common. */
const anyItems = fc.array(fc.record({ score: fc.integer({ min: 0, max: 8 }), isReal: fc.boolean() }), {
  maxLength: 40,
});

describe("rocAuc", () => {
  test("is 1 where every real lies above every fake, 0 the other way round, and half for ties", () => {
    expect(rocAuc([...reals(0.7, 0.9), ...fakes(0.1, 0.2)])).toBe(1);
    expect(rocAuc([...reals(0.1), ...fakes(0.2, 0.3)])).toBe(0);
    expect(rocAuc([...reals(0.5, 0.5), ...fakes(0.5)])).toBe(0.5);
    expect(rocAuc([...reals(1, 2, 3), ...fakes(2)])).toBe(0.5);
    expect(rocAuc([...reals(0.4, 0.8), ...fakes(0.1, 0.6)])).toBe(0.75);
  });

  test("is unknown where a class is missing", () => {
    expect(rocAuc([])).toBeNull();
    expect(rocAuc(reals(1, 2))).toBeNull();
    expect(rocAuc(fakes(1, 2))).toBeNull();
  });

  test("is the share of pairs in which the real lies above, ties counted half", () => {
    fc.assert(
      fc.property(anyItems, (items) => {
        const pairs = items
          .filter((item) => item.isReal)
          .flatMap((real) =>
            items.filter((item) => !item.isReal).map((fake) => (Math.sign(real.score - fake.score) + 1) / 2),
          );
        const auc = rocAuc(items);
        if (pairs.length === 0) expect(auc).toBeNull();
        else expect(auc).toBeCloseTo(pairs.reduce((a, b) => a + b, 0) / pairs.length, 12);
      }),
    );
  });

  test("depends on nothing but the order of the scores", () => {
    fc.assert(
      fc.property(anyItems, (items) => {
        const bent = items.map(({ score, isReal }) => ({ score: Math.exp(score) - 3, isReal })).reverse();
        expect(rocAuc(bent)).toBe(rocAuc(items));
      }),
    );
  });
});

describe("thresholdAtFpr", () => {
  test("is the largest of the reals' scores with no more than the rate below it", () => {
    const items = [...reals(...Array.from({ length: 100 }, (_, i) => i)), ...fakes(-5, 1000)];
    expect(thresholdAtFpr(items, 0.01)).toBe(1);
    expect(thresholdAtFpr(items, 0.05)).toBe(5);
    expect(thresholdAtFpr(items, 0)).toBe(0);
    expect(thresholdAtFpr(items, 1)).toBe(99);
    expect(thresholdAtFpr(fakes(1), 0.1)).toBeNull();
  });

  test("keeps the false-positive rate for any scores", () => {
    fc.assert(
      fc.property(anyItems, fc.double({ min: 0, max: 1, noNaN: true }), (items, rate) => {
        const threshold = thresholdAtFpr(items, rate);
        fc.pre(threshold !== null);
        expect(shareBelow(items, threshold!, true)).toBeLessThanOrEqual(rate);
      }),
    );
  });
});

describe("shareBelow", () => {
  test("counts one class, and scores strictly below", () => {
    const items = [...reals(1, 2, 3, 4), ...fakes(1, 1)];
    expect(shareBelow(items, 3, true)).toBe(0.5);
    expect(shareBelow(items, 1, false)).toBe(0);
    expect(shareBelow(items, 1.5, false)).toBe(1);
    expect(shareBelow(reals(1), 1, false)).toBeNull();
  });
});

describe("calibrationError", () => {
  test("is the gap between what is said and what is, over equal bins", () => {
    // One bin says 0.8 and half are real; another says 0.2 and none are.
    const items = [...reals(0.8), ...fakes(0.8), ...fakes(0.2, 0.2)];
    expect(calibrationError(items)).toBeCloseTo((0.3 * 2 + 0.2 * 2) / 4, 12);
    expect(calibrationError(items, 1)).toBeCloseTo(0.5 - 0.25, 12);
  });

  test("is 0 for scores that say what is, and 1 for those that say the opposite", () => {
    expect(calibrationError([...reals(1, 1), ...fakes(0)])).toBe(0);
    expect(calibrationError([...reals(0, 0), ...fakes(1)])).toBe(1);
    expect(calibrationError([...reals(0.25), ...fakes(0.25, 0.25, 0.25)])).toBe(0);
    expect(calibrationError([])).toBe(0);
  });
});

describe("bootstrapInterval", () => {
  const mean = (items: readonly number[]) => items.reduce((a, b) => a + b, 0) / items.length;

  test("covers the truth about 95 times in 100", () => {
    const random = seededRandom(11);
    let covered = 0;
    for (let trial = 0; trial < 200; trial++) {
      const groups = Array.from({ length: 40 }, () => [random.normal()]);
      const [low, high] = bootstrapInterval(groups, mean, { uniform: random.uniform, rounds: 200 })!;
      if (low <= 0 && high >= 0) covered++;
    }
    expect(covered).toBeGreaterThanOrEqual(178);
    expect(covered).toBeLessThanOrEqual(198);
  });

  test("resamples groups, not items: a group that repeats itself narrows nothing", () => {
    const random = seededRandom(12);
    const values = Array.from({ length: 30 }, () => random.normal());
    const width = (groups: number[][]) => {
      const [low, high] = bootstrapInterval(groups, mean, { uniform: seededRandom(1).uniform })!;
      return high - low;
    };
    const single = width(values.map((value) => [value]));
    expect(width(values.map((value) => new Array(20).fill(value)))).toBeCloseTo(single, 10);
    expect(width(values.flatMap((value) => new Array(20).fill([value])))).toBeLessThan(single / 3);
  });

  test("is the same for a seed", () => {
    const groups = [[1], [2], [3, 4], [9]];
    const interval = () => bootstrapInterval(groups, mean, { uniform: seededRandom(3).uniform });
    expect(interval()).toEqual(interval());
  });

  test("of several statistics is that of each", () => {
    const groups = [[1], [2], [3, 4], [9]];
    const both = bootstrapIntervals(groups, (items) => ({ mean: mean(items), none: null }), {
      uniform: seededRandom(3).uniform,
    });
    expect(both.mean).toEqual(bootstrapInterval(groups, mean, { uniform: seededRandom(3).uniform }));
    expect(both.none).toBeNull();
  });

  test("is unknown where the statistic is", () => {
    expect(bootstrapInterval([[1], [2]], () => null, { uniform: seededRandom(1).uniform })).toBeNull();
  });
});
