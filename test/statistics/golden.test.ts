import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { fitLogistic } from "../../src/statistics/logistic-regression.ts";
import { brierScore, rocAuc } from "../../src/statistics/metrics.ts";
import { wilsonInterval } from "../../src/statistics/proportion.ts";
import { areaUnder, averagePrecision, equalErrorRate, rocCurve, tprAtFpr } from "../../src/statistics/roc.ts";
import { studentQuantile } from "../../src/statistics/student-t.ts";

interface Golden {
  readonly cases: readonly {
    readonly name: string;
    readonly scores: readonly number[];
    readonly isReal: readonly boolean[];
    readonly auc: number;
    readonly averagePrecision: number;
    readonly equalErrorRate: number;
    readonly tprAt1: number;
    readonly tprAt5: number;
    readonly brier: number;
  }[];
  readonly logistic: {
    readonly features: readonly (readonly number[])[];
    readonly isReal: readonly boolean[];
    readonly ridge: number;
    readonly weights: readonly number[];
    readonly bias: number;
  };
  readonly wilson: readonly { hits: number; count: number; interval: [number, number] }[];
  readonly student: readonly { probability: number; freedom: number; quantile: number }[];
}

/** What scikit-learn and scipy say; make-goldens.py beside it wrote it. */
const golden = JSON.parse(readFileSync(join(import.meta.dirname, "metrics.golden.json"), "utf8")) as Golden;

describe("what scikit-learn and scipy say of the same numbers", () => {
  test.each(golden.cases)("of scores $name", (expected) => {
    const items = expected.scores.map((score, i) => ({ score, isReal: expected.isReal[i]! }));
    const curve = rocCurve(items)!;
    const reals = items.filter((item) => item.isReal).length;
    expect(rocAuc(items)).toBeCloseTo(expected.auc, 12);
    expect(areaUnder(curve)).toBeCloseTo(expected.auc, 12);
    expect(averagePrecision(curve, { reals, fakes: items.length - reals })).toBeCloseTo(
      expected.averagePrecision,
      12,
    );
    expect(equalErrorRate(curve)).toBeCloseTo(expected.equalErrorRate, 12);
    expect(tprAtFpr(curve, 0.01)).toBeCloseTo(expected.tprAt1, 12);
    expect(tprAtFpr(curve, 0.05)).toBeCloseTo(expected.tprAt5, 12);
    expect(brierScore(items)).toBeCloseTo(expected.brier, 12);
  });

  test("of a logistic regression with a ridge", () => {
    const { features, isReal, ridge, weights, bias } = golden.logistic;
    const rows = features.map((row, i) => ({ features: row, isReal: isReal[i]! }));
    const fitted = fitLogistic(rows, { ridge });
    expect(fitted.bias).toBeCloseTo(bias, 5);
    fitted.weights.forEach((weight, i) => {
      expect(weight).toBeCloseTo(weights[i]!, 5);
    });
  });

  test.each(golden.wilson)("of $hits in $count", ({ hits, count, interval }) => {
    const [low, high] = wilsonInterval(hits, count);
    expect(low).toBeCloseTo(interval[0], 10);
    expect(high).toBeCloseTo(interval[1], 10);
  });

  test.each(golden.student)("of Student's t at $probability with $freedom degrees", (expected) => {
    const quantile = studentQuantile(expected.probability, expected.freedom);
    expect(quantile / expected.quantile).toBeCloseTo(1, 9);
  });
});
