import { describe, expect, test } from "vitest";
import type { EvaluatedFile } from "../../src/evaluation/evaluate.ts";
import { summarize } from "../../src/evaluation/summary.ts";

function file(change: Partial<EvaluatedFile>): EvaluatedFile {
  const authenticity = change.authenticity ?? null;
  return {
    file: "a.mp4",
    crop: "",
    source: "studio",
    generator: change.isReal === false ? "swap" : "none",
    group: "g1",
    isReal: true,
    authenticity,
    verdict: authenticity === null ? "inconclusive" : authenticity < 0.4 ? "forged" : "authentic",
    reason: null,
    frames: authenticity === null ? [] : [authenticity],
    error: null,
    ...change,
  };
}

const real = (authenticity: number | null, change: Partial<EvaluatedFile> = {}) =>
  file({ authenticity, ...change });
const fake = (authenticity: number | null, change: Partial<EvaluatedFile> = {}) =>
  file({ authenticity, isReal: false, ...change });
const options = { trainedOn: new Set(["studio"]), seed: 1 };

describe("summarize", () => {
  test("gives exact numbers for one source", () => {
    const files = [
      real(0.9, { group: "g1", frames: [0.8, 1] }),
      real(0.5, { group: "g2", frames: [0.5, 0.1] }),
      fake(0.6, { group: "g1", frames: [0.6, 0.2] }),
      fake(0.1, { group: "g3", frames: [0.1] }),
    ];
    const { comparisons } = summarize(files, options);
    expect(comparisons).toHaveLength(1);
    expect(comparisons[0]).toMatchObject({
      name: "studio",
      isSourceSeen: true,
      reals: 2,
      fakes: 2,
      groups: 3,
      auc: 0.75,
      // Frames: 0.8 and 1 lie above all three fakes; 0.5 above two; 0.1 above none, once tied.
      frameAuc: (3 + 3 + 2 + 0.5) / 12,
    });
    expect(comparisons[0]!.calibrationError).toBeCloseTo((0.1 + 0.5 + 0.6 + 0.1) / 4, 12);
    const [low, high] = comparisons[0]!.aucInterval!;
    expect(low).toBeGreaterThanOrEqual(0);
    expect(low).toBeLessThanOrEqual(0.75);
    expect(high).toBe(1);
  });

  test("compares every source with its own reals, and never averages sources", () => {
    const files = [
      real(0.9),
      fake(0.1),
      real(0.2, { source: "street", group: "s1" }),
      fake(0.8, { source: "street", group: "s2" }),
    ];
    const { comparisons } = summarize(files, options);
    expect(comparisons.map(({ name, auc, isSourceSeen }) => [name, auc, isSourceSeen])).toEqual([
      ["street", 0, false],
      ["studio", 1, true],
    ]);
  });

  test("fakes of a source without reals stand against all reals, and the name says so", () => {
    const files = [real(0.9), real(0.3, { source: "street" }), fake(0.5, { source: "made" })];
    const { comparisons } = summarize(files, options);
    expect(comparisons.map(({ name, reals, fakes, auc }) => [name, reals, fakes, auc])).toEqual([
      ["made against reals of other sources", 2, 1, 0.5],
    ]);
  });

  test("several generators of a source each have a line of their own", () => {
    const files = [
      real(0.5),
      fake(0.1, { generator: "b" }),
      fake(0.9, { generator: "a" }),
      fake(0.2, { generator: "b" }),
    ];
    const { comparisons } = summarize(files, options);
    expect(comparisons.map(({ name, fakes, auc }) => [name, fakes, auc])).toEqual([
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
        noFace: 0,
        failed: 0,
      },
      {
        source: "studio",
        label: "real",
        files: 5,
        authentic: 1,
        forged: 1,
        inconclusive: 2,
        noFace: 1,
        failed: 1,
      },
    ]);
  });

  test("files without an authenticity count as files and not in the AUC", () => {
    const { comparisons } = summarize([real(0.9), real(null), fake(0.2), fake(null)], options);
    expect(comparisons[0]).toMatchObject({ reals: 2, fakes: 2, auc: 1 });
    const unknown = summarize([real(null), fake(0.2)], options).comparisons[0];
    expect(unknown).toMatchObject({ auc: null, aucInterval: null, frameAuc: null });
  });

  test("gives the same intervals for a seed", () => {
    const files = Array.from({ length: 20 }, (_, i) =>
      (i % 2 === 0 ? real : fake)(((i * 7) % 20) / 20, { group: `g${i % 7}` }),
    );
    expect(summarize(files, options)).toEqual(summarize(files, options));
    expect(summarize([], options)).toEqual({ comparisons: [], verdicts: [] });
  });
});
