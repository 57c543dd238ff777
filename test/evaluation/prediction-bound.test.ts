import { describe, expect, test } from "vitest";
import { seededRandom } from "../../src/engine/index.ts";
import { type CalibrationFile, refit } from "../../src/evaluation/calibrate.ts";
import { lowerPredictionBound } from "../../src/evaluation/prediction-bound.ts";

const sigmoid = (logit: number) => 1 / (1 + Math.exp(-logit));
const thresholds = { forgedBelow: 0.3, authenticAbove: 0.8 };

function ownFile(path: string, authenticity: number, group = path): Omit<CalibrationFile, "heldOutVerdict"> {
  const unsaid = { verdict: null, reason: null, error: null };
  return { path, group, authenticity, ...unsaid, faces: [], kind: "image" };
}

describe("lowerPredictionBound", () => {
  test("of 99 files and more is one of their authenticities, by rank", () => {
    const of = (count: number) =>
      lowerPredictionBound(Array.from({ length: count }, (_, i) => (i + 1) / 1000));
    expect([99, 198, 199, 999].map(of)).toEqual([1 / 1000, 1 / 1000, 2 / 1000, 10 / 1000]);
  });

  test("of fewer lies below all of them: the end of Student's interval for one more", () => {
    // Logits -1, 0, 1: mean 0, deviation 1; t(0.99, 2) = 6.96456, times the root of 1 + 1/3.
    expect(lowerPredictionBound([-1, 0, 1].map(sigmoid))).toBeCloseTo(
      sigmoid(-6.9645567 * Math.sqrt(4 / 3)),
      9,
    );
    expect(lowerPredictionBound([0.5, 0.5, 0.5])).toBe(0.5);
  });

  test.each([6, 30, 150])(
    "fitted to %i files calls at most about one further one in a hundred forged",
    (count) => {
      const random = seededRandom(5, count);
      let wrong = 0;
      const trials = 4000;
      for (let trial = 0; trial < trials; trial++) {
        const threshold = lowerPredictionBound(
          Array.from({ length: count }, () => sigmoid(1 + random.normal())),
        );
        if (sigmoid(1 + random.normal()) < threshold) wrong++;
      }
      // 1% of 4000 is 40, and 40 is 6.3 deviations of itself.
      expect(wrong).toBeLessThan(40 + 3 * 6.3);
    },
  );
});

describe("refit", () => {
  test.each([130, 320])("of %i files in groups holds out what sorting all the others would", (count) => {
    const files = Array.from({ length: count }, (_, i) =>
      ownFile(`${i}.jpg`, ((i * 37) % count) / count, `g${i % (count / 2)}`),
    );
    const { heldOut } = refit(files, thresholds);
    for (const { path, group, authenticity } of files) {
      const others = files.filter((file) => file.group !== group).map((file) => file.authenticity!);
      const forgedBelow = Math.min(thresholds.authenticAbove, lowerPredictionBound(others));
      expect(heldOut.get(path) === "forged").toBe(authenticity! < forgedBelow);
    }
  });

  test("of 20,000 files, each a group of its own, takes seconds", { timeout: 20_000 }, () => {
    const files = Array.from({ length: 20_000 }, (_, i) =>
      ownFile(`${i}.jpg`, ((i * 7919) % 20_000) / 20_000),
    );
    expect(refit(files, thresholds).heldOut.size).toBe(20_000);
  });

  test("counts what was wrong, and what would be with each file held out", () => {
    const files = [0.05, 0.4, 0.5, 0.6, 0.7, 0.9].map((authenticity, i) => ownFile(`${i}.mp4`, authenticity));
    const { threshold: result, heldOut } = refit(files, thresholds);
    expect(result).toMatchObject({
      counted: 6,
      groups: 6,
      wrong: { before: 1 },
      inconclusive: { before: 4 },
      forgedBelow: { before: 0.3 },
    });
    expect(result.forgedBelow.after).toBeLessThan(0.05);
    // Without it the others may not raise the threshold above 0.3, nor do they lower it below 0.05.
    expect(result.wrong.after).toBe(heldOut.get("0.mp4") === "forged" ? 1 : 0);
    expect(heldOut.size).toBe(6);
    expect(result.claimableFpr).toBeCloseTo(1 - 0.05 ** (1 / 6), 12);
  });

  test("a file is never judged by a threshold that knew it", () => {
    // 98 files alike and one far below: fitted to all, the threshold lies below the odd one; without it, above.
    const files = Array.from({ length: 98 }, (_, i) => ownFile(`${i}.jpg`, 0.9 + i / 10_000));
    const { threshold: result } = refit([...files, ownFile("odd.jpg", 0.01)], thresholds);
    expect(result.forgedBelow.after).toBeLessThanOrEqual(0.01);
    expect(result.wrong).toEqual({ before: 1, after: 1 });
  });

  test("the files of a subfolder are held out together, unless there is one only", () => {
    const shoot = (name: string, authenticity: number) =>
      [0, 1, 2].map((i) => ownFile(`${name}/${i}.mp4`, authenticity, name));
    expect(refit([...shoot("a", 0.9), ...shoot("b", 0.5)], thresholds).threshold.groups).toBe(2);
    expect(refit(shoot("a", 0.9), thresholds).threshold.groups).toBe(3);
  });

  test("few files lower the threshold, and never raise it", () => {
    const alike = Array.from({ length: 98 }, (_, i) => ownFile(`${i}.jpg`, 0.9 + i / 10_000));
    expect(refit(alike, thresholds).threshold.forgedBelow.after).toBe(0.3);
    // Held out, each is judged by 98 others, which is still too few.
    const enough = [...alike, ownFile("98.jpg", 0.92)];
    expect(refit(enough, thresholds).threshold.forgedBelow.after).toBe(0.8);
    expect(refit(enough, thresholds).threshold.wrong.after).toBe(0);
  });

  test("the threshold never passes the one above which files are authentic", () => {
    const files = Array.from({ length: 120 }, (_, i) => ownFile(`${i}.jpg`, 0.95 + i / 10_000));
    expect(refit(files, thresholds).threshold.forgedBelow.after).toBe(0.8);
  });
});
