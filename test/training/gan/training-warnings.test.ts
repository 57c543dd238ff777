import { describe, expect, test } from "vitest";
import { trainingWarnings } from "../../../src/training/gan/training-warnings.ts";

const sound = { spread: 0.5, widest: 0.6, overfitting: 0.3 };

describe("trainingWarnings", () => {
  test("has nothing to say of a run that goes well, nor of its first measurement", () => {
    expect(trainingWarnings(sound)).toEqual([]);
    expect(trainingWarnings({ spread: 0.01, widest: 0, overfitting: null })).toEqual([]);
  });

  test("tells samples that have grown alike", () => {
    expect(trainingWarnings({ ...sound, spread: 0.41 })).toEqual([
      "The samples differ 41% as much as the reals do, and 60% before: the generator collapses; try a stronger --r1 or --feature-matching 1.",
    ]);
    expect(trainingWarnings({ ...sound, spread: 0.43 })).toEqual([]);
  });

  test("tells a discriminator that learns by heart", () => {
    expect(trainingWarnings({ ...sound, overfitting: 0.75 })).toEqual([
      "The discriminator tells trained reals from held-out ones (0.75 of the way to fakes): it learns by heart; more data, --augment or a stronger --r1 helps.",
    ]);
    expect(trainingWarnings({ ...sound, overfitting: 0.6 })).toEqual([]);
  });

  test("tells both at once", () => {
    expect(trainingWarnings({ spread: 0.1, widest: 0.5, overfitting: 1 })).toHaveLength(2);
  });
});
