import { describe, expect, test } from "vitest";
import type { EvaluatedFile } from "../../src/evaluation/evaluated-file.ts";
import { summarize } from "../../src/evaluation/summary.ts";

function file(change: Partial<EvaluatedFile>): EvaluatedFile {
  const authenticity = change.authenticity ?? null;
  return {
    file: "a.mp4",
    crop: "",
    source: "studio",
    generator: change.isReal === false ? "swap" : "none",
    group: "g1",
    attributes: "",
    isReal: true,
    authenticity,
    verdict: authenticity === null ? "inconclusive" : authenticity < 0.4 ? "forged" : "authentic",
    reason: null,
    faces: authenticity === null ? [] : facesOf(authenticity),
    error: null,
    kind: "video",
    ...change,
  };
}

/** A face of each authenticity, a frame each. */
function facesOf(...authenticities: number[]): EvaluatedFile["faces"] {
  return authenticities.map((authenticity, index) => ({ index, authenticity, box: [0, 0, 90, 90] }));
}

const real = (authenticity: number | null, change: Partial<EvaluatedFile> = {}) =>
  file({ authenticity, ...change });
const fake = (authenticity: number | null, change: Partial<EvaluatedFile> = {}) =>
  file({ authenticity, isReal: false, ...change });
const options = { trainedOn: new Set(["studio"]), seed: 1 };

describe("summarize", () => {
  test("gives exact numbers for one source", () => {
    const files = [
      real(0.9, { group: "g1", faces: facesOf(0.8, 1) }),
      real(0.5, { group: "g2", faces: facesOf(0.5, 0.1) }),
      fake(0.6, { group: "g1", faces: facesOf(0.6, 0.2) }),
      fake(0.1, { group: "g3", faces: facesOf(0.1) }),
    ];
    const { comparisons } = summarize(files, options);
    expect(comparisons).toHaveLength(1);
    expect(comparisons[0]).toMatchObject({
      name: "studio",
      isSourceSeen: true,
      reals: 2,
      fakes: 2,
      groups: 3,
      generator: null,
      hasOwnReals: true,
      // As the threshold rises: 0.1 a fake, 0.5 a real, 0.6 a fake, 0.9 a real.
      roc: [
        [0, 0],
        [0, 0.5],
        [0.5, 0.5],
        [0.5, 1],
        [1, 1],
      ],
    });
    const { measures } = comparisons[0]!;
    const values = Object.fromEntries(Object.entries(measures).map(([name, { value }]) => [name, value]));
    expect(values).toEqual({
      auc: 0.75,
      // Frames: 0.8 and 1 lie above all three fakes; 0.5 above two; 0.1 above none, once tied.
      frameAuc: (3 + 3 + 2 + 0.5) / 12,
      averagePrecision: (1 + 2 / 3) / 2,
      equalErrorRate: 0.5,
      tprAt1: 0.5,
      tprAt5: 0.5,
      // One of two fakes lies below 0.4, and no real.
      balancedAccuracy: 0.75,
      abstention: 0,
      calibrationError: expect.closeTo((0.1 + 0.5 + 0.6 + 0.1) / 4, 12),
      calibrationErrorAsCounted: expect.closeTo((0.1 + 0.5 + 0.6 + 0.1) / 4, 12),
      brier: expect.closeTo((0.01 + 0.25 + 0.36 + 0.01) / 4, 12),
    });
    expect(measures.auc.interval, "three groups are too few to resample").toBeNull();
    // Wilson: 0 of 4.
    expect(measures.abstention.interval).toEqual([0, expect.closeTo(0.4899, 4)]);
  });

  test("compares every source with its own reals, and never averages sources", () => {
    const files = [
      real(0.9),
      fake(0.1),
      real(0.2, { source: "street", group: "s1" }),
      fake(0.8, { source: "street", group: "s2" }),
    ];
    const { comparisons } = summarize(files, options);
    expect(
      comparisons.map(({ name, measures, isSourceSeen }) => [name, measures.auc.value, isSourceSeen]),
    ).toEqual([
      ["street", 0, false],
      ["studio", 1, true],
    ]);
  });

  test("fakes of a source without reals stand against all reals, and the name says so", () => {
    const files = [real(0.9), real(0.3, { source: "street" }), fake(0.5, { source: "made" })];
    const { comparisons } = summarize(files, options);
    expect(
      comparisons.map(({ name, reals, fakes, measures }) => [name, reals, fakes, measures.auc.value]),
    ).toEqual([["made against reals of other sources", 2, 1, 0.5]]);
  });

  test("several generators of a source each have a line of their own", () => {
    const files = [
      real(0.5),
      fake(0.1, { generator: "b" }),
      fake(0.9, { generator: "a" }),
      fake(0.2, { generator: "b" }),
    ];
    const { comparisons } = summarize(files, options);
    expect(comparisons.map(({ name, fakes, measures }) => [name, fakes, measures.auc.value])).toEqual([
      ["studio", 3, 2 / 3],
      ["studio: a", 1, 0],
      ["studio: b", 2, 1],
    ]);
  });

  test("a source of reals alone has verdicts and no comparison", () => {
    const { comparisons, verdicts } = summarize([real(0.9)], options);
    expect(comparisons).toEqual([]);
    expect(verdicts).toHaveLength(1);
  });

  test("counts verdicts of each label of each source, with the files that gave none", () => {
    const files = [
      real(0.9),
      real(0.1),
      real(0.5, { verdict: "inconclusive", reason: "near-threshold" }),
      real(null, { reason: "no-face" }),
      real(null, { verdict: null, error: "NOT_MEDIA" }),
      fake(0.1, { source: "street" }),
    ];
    expect(summarize(files, options).verdicts).toEqual([
      {
        source: "street",
        label: "fake",
        files: 1,
        authentic: 0,
        forged: 1,
        inconclusive: 0,
        scored: 1,
        noFace: 0,
        tooSmall: 0,
        failed: 0,
        forgedInterval: [expect.closeTo(0.2065, 4), 1],
      },
      {
        source: "studio",
        label: "real",
        files: 5,
        authentic: 1,
        forged: 1,
        inconclusive: 2,
        scored: 3,
        noFace: 1,
        tooSmall: 0,
        failed: 1,
        forgedInterval: [expect.closeTo(0.0456, 4), expect.closeTo(0.6994, 4)],
      },
    ]);
  });

  test("files without an authenticity count as files and not in the AUC", () => {
    const { comparisons } = summarize([real(0.9), real(null), fake(0.2), fake(null)], options);
    expect(comparisons[0]).toMatchObject({ reals: 2, fakes: 2, measures: { auc: { value: 1 } } });
    const unknown = summarize([real(null), fake(0.2)], options).comparisons[0]!;
    expect(unknown.measures.auc).toEqual({ value: null, interval: null });
    expect(unknown.measures.calibrationError).toEqual({ value: null, interval: null });
    expect(unknown.roc).toBeNull();
  });

  test("calibration is judged with both classes weighing alike", () => {
    // Nine reals at 0.5, one fake at 0.5: half of the weight is forged, as stated.
    const files = [...Array.from({ length: 9 }, (_, i) => real(0.5, { group: `g${i}` })), fake(0.5)];
    const { measures, reliability } = summarize(files, options).comparisons[0]!;
    expect(measures.calibrationError.value).toBeCloseTo(0, 12);
    expect(measures.calibrationErrorAsCounted.value).toBeCloseTo(0.4, 12);
    expect(reliability).toEqual([
      { count: 10, weight: expect.closeTo(10, 9), stated: 0.5, real: expect.closeTo(0.5, 12) },
    ]);
  });

  test("groups of one name in two sources are two groups", () => {
    const files = [real(0.9), fake(0.2, { source: "made", group: "g1" })];
    expect(summarize(files, options).comparisons[0]!.groups).toBe(2);
  });

  test("never gives an interval of no width", () => {
    for (const count of [5, 40]) {
      const perfect = Array.from({ length: count }, (_, i) =>
        (i % 2 === 0 ? real : fake)(i % 2 === 0 ? 0.9 : 0.1, { group: `g${i}` }),
      );
      const { measures } = summarize(perfect, options).comparisons[0]!;
      expect(measures.auc).toEqual({ value: 1, interval: null });
      for (const { interval } of Object.values(measures)) {
        if (interval !== null) expect(interval[0]).toBeLessThan(interval[1]);
      }
    }
  });

  test("gives an interval from ten groups on", () => {
    const mixed = Array.from({ length: 10 }, (_, i) =>
      (i % 2 === 0 ? real : fake)(((i * 7) % 10) / 10, { group: `g${i}` }),
    );
    const [low, high] = summarize(mixed, options).comparisons[0]!.measures.auc.interval!;
    expect(low).toBeLessThan(high);
    expect(summarize(mixed.slice(1), options).comparisons[0]!.measures.auc.interval).toBeNull();
  });

  test("gives the same intervals for a seed", () => {
    const files = Array.from({ length: 20 }, (_, i) =>
      (i % 2 === 0 ? real : fake)(((i * 7) % 20) / 20, { group: `g${i % 14}` }),
    );
    expect(summarize(files, options)).toEqual(summarize(files, options));
    expect(summarize([], options)).toEqual({ comparisons: [], calibration: null, verdicts: [] });
  });
});
