import { describe, expect, test } from "vitest";
import { trainingWarnings } from "../../../src/training/gan/training-warnings.ts";

const sound = { spread: 0.5, maxSpread: 0.6, overfitting: 0.3 };

describe("trainingWarnings", () => {
  test("has nothing to say of a run that goes well, nor of its first measurement", () => {
    expect(trainingWarnings(sound)).toEqual([]);
    expect(trainingWarnings({ spread: 0.01, maxSpread: 0, overfitting: null })).toEqual([]);
  });

  test("tells samples that have grown alike", () => {
    expect(trainingWarnings({ ...sound, spread: 0.41 })).toEqual([expect.stringMatching(/ 41%.* 60%.*--r1/)]);
    expect(trainingWarnings({ ...sound, spread: 0.43 })).toEqual([]);
  });

  test("tells a discriminator that learns by heart", () => {
    expect(trainingWarnings({ ...sound, overfitting: 0.75 })).toEqual([
      expect.stringMatching(/ 0\.75 .*--augment/),
    ]);
    expect(trainingWarnings({ ...sound, overfitting: 0.6 })).toEqual([]);
  });

  test("tells both at once", () => {
    expect(trainingWarnings({ spread: 0.1, maxSpread: 0.5, overfitting: 1 })).toHaveLength(2);
  });
});
