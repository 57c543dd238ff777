import { expect, test } from "vitest";
import type { EvaluatedFile } from "../../src/evaluation/evaluated-file.ts";
import type { CopyResult } from "../../src/evaluation/measure-files.ts";
import { summarizeRobustness } from "../../src/evaluation/robustness.ts";

function file(i: number, isReal: boolean, authenticity: number): EvaluatedFile {
  const about = {
    file: `${i}.jpg`,
    crop: "",
    source: "studio",
    generator: isReal ? "none" : "swap",
    attributes: "",
  };
  return { ...about, group: `${i}`, isReal, faces: [], kind: "image", ...judged(authenticity) };
}

function judged(authenticity: number): CopyResult {
  const verdict = authenticity < 0.3 ? "forged" : authenticity > 0.7 ? "authentic" : "inconclusive";
  return { authenticity, verdict, reason: null, error: null };
}

test("a change's AUC stands beside that of the same files, and flips are told from other changes of verdict", () => {
  const files = [file(1, true, 0.9), file(2, true, 0.8), file(3, false, 0.1), file(4, false, 0.5)];
  const failed: CopyResult = { authenticity: null, verdict: null, reason: null, error: "It broke." };
  // One becomes the opposite, one becomes inconclusive, one stays, one cannot be looked at.
  const results = [judged(0.2), judged(0.5), judged(0.2), failed];
  const copies = results.map((result) => new Map([["blur", result]]));
  const { changes } = summarizeRobustness(files, copies, { limit: 4, seed: 1 });
  expect(changes).toHaveLength(1);
  const { name, failed: count, comparisons, flips } = changes[0]!;
  expect([name, count]).toEqual(["blur", 1]);
  // Reals 0.2 and 0.5 against a fake at 0.2: half of one pair, and the other.
  expect(comparisons[0]).toMatchObject({ reals: 2, fakes: 2, auc: { value: 0.75 }, aucBefore: { value: 1 } });
  const brief = flips.map((flip) => [flip.source, flip.label, flip.files, flip.contradicted, flip.changed]);
  expect(brief).toEqual([
    [null, null, 3, 1, 2],
    ["studio", "fake", 1, 0, 0],
    ["studio", "real", 2, 1, 2],
  ]);
});
