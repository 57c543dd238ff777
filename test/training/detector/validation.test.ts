import { describe, expect, test } from "vitest";
import { aucBySource, type ScoredFace } from "../../../src/training/detector/validation.ts";
import { storedFace } from "../stored-faces.ts";

const scored = (source: string, label: "real" | "fake", ...logits: number[]): ScoredFace[] =>
  logits.map((logit) => ({ ...storedFace({ source, label }), index: 0, logit }));

describe("aucBySource", () => {
  test("compares fakes with the reals of their source, and gives the mean over sources", () => {
    const faces = [
      ...scored("a", "real", 1, 2),
      ...scored("a", "fake", -1, 1.5),
      ...scored("b", "real", 5),
      ...scored("b", "fake", 4),
    ];
    expect(aucBySource(faces)).toEqual({ a: 0.75, b: 1, mean: 0.875 });
  });

  test("compares fakes of a source without reals with all reals", () => {
    const faces = [...scored("a", "real", 1), ...scored("b", "real", 3), ...scored("c", "fake", 2)];
    expect(aucBySource(faces)).toEqual({ c: 0.5, mean: 0.5 });
  });

  test("leaves out what cannot be compared", () => {
    expect(aucBySource(scored("a", "fake", 1))).toEqual({ mean: 0 });
    expect(aucBySource([])).toEqual({ mean: 0 });
  });
});
