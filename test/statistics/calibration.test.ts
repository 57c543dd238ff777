import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seededRandom } from "../../src/engine/index.ts";
import {
  authenticityOf,
  balancedWeights,
  chooseThresholds,
  fitPlatt,
  type LabelledLogit,
} from "../../src/statistics/calibration.ts";
import { shareBelow } from "../../src/statistics/metrics.ts";

const items = (logits: readonly number[], isReal: boolean, weight = 1): LabelledLogit[] =>
  logits.map((logit) => ({ logit, isReal, weight }));

/** Logits whose truth follows sigmoid(scale * logit + bias). */
function draw(
  count: number,
  { scale, bias }: { scale: number; bias: number },
  seed: number,
): LabelledLogit[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => {
    const logit = 3 * random.normal();
    return { logit, isReal: random.chance(authenticityOf(logit, { scale, bias })), weight: 1 };
  });
}

describe("authenticityOf", () => {
  test("is the sigmoid of scale * logit + bias", () => {
    expect(authenticityOf(0, { scale: 2, bias: 0 })).toBe(0.5);
    expect(authenticityOf(Math.log(3), { scale: 1, bias: 0 })).toBeCloseTo(0.75, 12);
    expect(authenticityOf(1, { scale: 2, bias: -2 })).toBe(0.5);
    expect(authenticityOf(1e6, { scale: 1, bias: 0 })).toBe(1);
    expect(authenticityOf(-1e6, { scale: 1, bias: 0 })).toBe(0);
  });
});

describe("fitPlatt", () => {
  test.each([
    { scale: 1, bias: 0 },
    { scale: 0.4, bias: 1 },
    { scale: 2.5, bias: -1.5 },
  ])("finds scale $scale and bias $bias again", (truth) => {
    const fitted = fitPlatt(draw(40_000, truth, 4));
    expect(Math.abs(fitted.scale / truth.scale - 1)).toBeLessThan(0.05);
    expect(Math.abs(fitted.bias - truth.bias)).toBeLessThan(0.06);
  });

  test("sees a weight as so many items", () => {
    const [a, b] = [items([3, 1, -0.5], true), items([-2, 0.5], false)];
    const weighted = fitPlatt([...a, ...b.map((item) => ({ ...item, weight: 3 }))]);
    const repeated = fitPlatt([...a, ...b, ...b, ...b]);
    expect(weighted.scale).toBeCloseTo(repeated.scale, 6);
    expect(weighted.bias).toBeCloseTo(repeated.bias, 6);
  });

  test("tells of classes that are set apart what Platt's targets say", () => {
    // All reals at 5 and all fakes at -5: (n + 1) / (n + 2) and 1 / (n + 2) are reached.
    const fitted = fitPlatt([...items(new Array(50).fill(5), true), ...items(new Array(50).fill(-5), false)]);
    expect(authenticityOf(5, fitted)).toBeCloseTo(51 / 52, 6);
    expect(authenticityOf(-5, fitted)).toBeCloseTo(1 / 52, 6);
  });

  test.each([
    ["far from 0", [20, 25, 40], [-20, -30, -35]],
    ["far from 0 and apart", [3, 8, 15, 22, 9], [-30, -12, -5, -40, 2]],
    ["far from 0 on one side", [30, 31, 32], [28, 29, 30.5]],
    ["in the thousands", [1000, 4000], [-2000, -500]],
  ])("stays finite and keeps the order for logits %s", (_, real, fake) => {
    const fitted = fitPlatt([...items(real, true), ...items(fake, false)]);
    const mean = (logits: number[]) =>
      logits.reduce((sum, logit) => sum + authenticityOf(logit, fitted), 0) / logits.length;
    expect(fitted.scale).toBeGreaterThan(0);
    expect(fitted.scale).toBeLessThan(100);
    expect(mean(real)).toBeGreaterThan(0.5);
    expect(mean(fake)).toBeLessThan(0.5);
  });

  test("does not turn a model over that ranks the wrong way round", () => {
    const fitted = fitPlatt([...items([-20, -15, -30], true), ...items([20, 15, 30], false)]);
    expect(fitted.scale).toBe(0.001);
    expect(authenticityOf(20, fitted)).toBeCloseTo(0.5, 1);
  });

  test("gives a scale above 0 and a finite bias for anything", () => {
    const item = fc.record({
      logit: fc.double({ min: -1000, max: 1000, noNaN: true }),
      isReal: fc.boolean(),
      weight: fc.double({ min: 0.01, max: 100, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(item, { maxLength: 30 }), (list) => {
        const { scale, bias } = fitPlatt(list);
        expect(scale).toBeGreaterThan(0);
        expect(Number.isFinite(scale) && Number.isFinite(bias)).toBe(true);
      }),
    );
  });
});

describe("balancedWeights", () => {
  test("both classes weigh alike, and sources by the square root of their size", () => {
    const items = [
      ...Array.from({ length: 9 }, () => ({ isReal: true, source: "a" })),
      { isReal: true, source: "b" },
      ...Array.from({ length: 30 }, () => ({ isReal: false, source: "a" })),
    ];
    const weights = balancedWeights(items);
    const sum = (from: number, to: number) => weights.slice(from, to).reduce((a, b) => a + b, 0);
    expect(sum(0, 9)).toBeCloseTo(15, 9);
    expect(sum(9, 10)).toBeCloseTo(5, 9);
    expect(sum(10, 40)).toBeCloseTo(20, 9);
  });

  test("of one class alone their mean is 1", () => {
    expect(balancedWeights([{ isReal: true, source: "a" }])).toEqual([1]);
  });
});

describe("chooseThresholds", () => {
  const scored = (scores: readonly number[], isReal: boolean) => scores.map((score) => ({ score, isReal }));

  test("leaves the undecidable in between", () => {
    const hundredths = Array.from({ length: 100 }, (_, i) => i / 100);
    const all = [
      ...scored(
        hundredths.map((x) => x + 0.5),
        true,
      ),
      ...scored(hundredths, false),
    ];
    expect(chooseThresholds(all, { maxFpr: 0.01, maxFnr: 0.05 })).toEqual({
      forgedBelow: 0.51,
      authenticAbove: 0.94,
      measuredFpr: 0.01,
    });
  });

  test("gives one line where the classes are apart", () => {
    const all = [...scored([0.8, 0.9], true), ...scored([0.1, 0.2], false)];
    expect(chooseThresholds(all, { maxFpr: 0, maxFnr: 0 })).toEqual({
      forgedBelow: 0.8,
      authenticAbove: 0.8,
      measuredFpr: 0,
    });
  });

  test("keeps the limit within every source that has enough reals", () => {
    const from = (source: string, scores: readonly number[]) =>
      scores.map((score) => ({ score, isReal: true, source }));
    const many = from(
      "many",
      Array.from({ length: 1000 }, (_, i) => 0.5 + i / 2000),
    );
    const few = from(
      "few",
      Array.from({ length: 40 }, (_, i) => 0.2 + i / 100),
    );
    const limits = { maxFpr: 0.1, maxFnr: 0 };
    expect(chooseThresholds([...many, ...few], limits).forgedBelow).toBeCloseTo(0.24, 12);
    // Of 40, 1% is nearest to none of them, and 2% to one.
    const ofFew = (maxSourceFpr: number) =>
      chooseThresholds([...many, ...few], { ...limits, maxSourceFpr }).forgedBelow;
    expect(ofFew(0.01)).toBeCloseTo(0.2, 12);
    expect(ofFew(0.02)).toBeCloseTo(0.21, 12);
    // Too few to say what a share of them is.
    const { forgedBelow } = chooseThresholds([...many, ...few.slice(0, 20)], limits);
    expect(forgedBelow).toBeGreaterThan(0.5);
  });

  test("without any item decides nothing", () => {
    expect(chooseThresholds([], { maxFpr: 0.01, maxFnr: 0.05 })).toEqual({
      forgedBelow: 0,
      authenticAbove: 1,
      measuredFpr: 0,
    });
  });

  test("keeps both limits for any scores", () => {
    const any = fc.array(
      fc.record({ score: fc.double({ min: 0, max: 1, noNaN: true }), isReal: fc.boolean() }),
      {
        minLength: 1,
      },
    );
    const rate = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(any, rate, rate, (list, maxFpr, maxFnr) => {
        const { forgedBelow, authenticAbove, measuredFpr } = chooseThresholds(list, { maxFpr, maxFnr });
        expect(measuredFpr).toBeLessThanOrEqual(maxFpr);
        expect(measuredFpr).toBe(shareBelow(list, forgedBelow, true) ?? 0);
        expect(authenticAbove).toBeGreaterThanOrEqual(forgedBelow);
        const fakes = list.filter((item) => !item.isReal);
        const passed = fakes.filter((item) => item.score > authenticAbove).length;
        expect(passed).toBeLessThanOrEqual(maxFnr * fakes.length);
      }),
    );
  });
});
