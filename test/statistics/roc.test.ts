import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  brierScore,
  calibrationError,
  reliabilityBins,
  type Scored,
  stratifiedAuc,
} from "../../src/statistics/metrics.ts";
import { smallestClaimableRate } from "../../src/statistics/proportion.ts";
import {
  areaUnder,
  averagePrecision,
  equalErrorRate,
  type RocPoint,
  rocCurve,
  thinCurve,
  tprAtFpr,
} from "../../src/statistics/roc.ts";

const real = (score: number): Scored => ({ score, isReal: true });
const fake = (score: number): Scored => ({ score, isReal: false });

describe("rocCurve", () => {
  test("has a point for every different score, forgeries being what is looked for", () => {
    expect(rocCurve([real(0.9), real(0.4), fake(0.4), fake(0.1)])).toEqual([
      { fpr: 0, tpr: 0 },
      { fpr: 0, tpr: 0.5 },
      { fpr: 0.5, tpr: 1 },
      { fpr: 1, tpr: 1 },
    ]);
  });

  test("is unknown where a class is missing", () => {
    expect(rocCurve([real(1), real(2)])).toBeNull();
    expect(rocCurve([])).toBeNull();
  });
});

describe("what is read off a curve", () => {
  const perfect = rocCurve([real(0.8), real(0.9), fake(0.1)])!;
  const coin = rocCurve([real(0.5), fake(0.5)])!;
  const inverted = rocCurve([real(0.1), fake(0.9)])!;

  test("is perfect, a coin's or upside down", () => {
    expect([perfect, coin, inverted].map(areaUnder)).toEqual([1, 0.5, 0]);
    expect([perfect, coin, inverted].map(equalErrorRate)).toEqual([0, 0.5, 1]);
    expect([perfect, coin, inverted].map((curve) => tprAtFpr(curve, 0.05))).toEqual([1, 0, 0]);
    const average = (curve: RocPoint[], reals: number) => averagePrecision(curve, { reals, fakes: 1 });
    expect([average(perfect, 2), average(coin, 1), average(inverted, 1)]).toEqual([1, 0.5, 0.5]);
  });

  test("a thinned curve keeps its ends and its points, and as good as all of its area", () => {
    const items = Array.from({ length: 4000 }, (_, i) => (i % 2 ? real(i % 997) : fake((i * i) % 613)));
    const curve = rocCurve(items)!;
    const thin = thinCurve(curve, 60);
    expect(thin).toHaveLength(60);
    expect([thin[0], thin.at(-1)]).toEqual([curve[0], curve.at(-1)]);
    expect(thin.every((point) => curve.includes(point))).toBe(true);
    expect(Math.abs(areaUnder(thin) - areaUnder(curve))).toBeLessThan(0.005);
    expect(thinCurve(perfect, 60)).toEqual([perfect[0], perfect[1], perfect.at(-1)]);
  });
});

describe("reliabilityBins", () => {
  test("hold what is stated and what is true, empty ones left out", () => {
    expect(reliabilityBins([real(0.9), fake(0.8), fake(0.1), real(1)], 2)).toEqual([
      { count: 1, weight: 1, stated: 0.1, real: 0 },
      { count: 3, weight: 3, stated: expect.closeTo(0.9, 12), real: 2 / 3 },
    ]);
  });

  test("weights count as so many items", () => {
    const weighed = [{ ...real(0.9), weight: 2 }, fake(0.8)];
    const repeated = [real(0.9), real(0.9), fake(0.8)];
    const shares = (items: Scored[]) => reliabilityBins(items, 4).map(({ stated, real }) => [stated, real]);
    expect(shares(weighed)).toEqual(shares(repeated));
    expect(calibrationError(weighed)).toBeCloseTo(calibrationError(repeated), 12);
    expect(brierScore(weighed)).toBeCloseTo(brierScore(repeated)!, 12);
  });
});

describe("stratifiedAuc", () => {
  test("compares within strata only", () => {
    const items = [
      { ...real(0.2), group: "a" },
      { ...fake(0.1), group: "a" },
      { ...real(0.9), group: "b" },
      { ...fake(0.8), group: "b" },
      { ...fake(0.95), group: "c" },
    ];
    expect(stratifiedAuc(items, (item) => item.group)).toBe(1);
    expect(stratifiedAuc(items, () => "all")).toBe(0.5);
    expect(stratifiedAuc(items.slice(4), (item) => item.group)).toBeNull();
  });
});

test("the smallest rate that clean files can vouch for is about 3 / n", () => {
  expect(smallestClaimableRate(1)).toBeCloseTo(0.95, 12);
  fc.assert(
    fc.property(fc.integer({ min: 30, max: 100_000 }), (count) => {
      // Were the rate that high, all files would pass by chance 5 times in 100.
      expect((1 - smallestClaimableRate(count)) ** count).toBeCloseTo(0.05, 9);
      expect(smallestClaimableRate(count)).toBeLessThan(3 / count);
    }),
  );
});
