import { describe, expect, test } from "vitest";
import { niceTicks, showTick } from "../../../src/training/report/nice-ticks.ts";

describe("niceTicks", () => {
  test.each([
    { min: 99.066, max: 100.754, count: 5, values: [99, 99.5, 100, 100.5, 101] },
    { min: 0, max: 1, count: 5, values: [0, 0.2, 0.4, 0.6, 0.8, 1] },
    { min: 446.6, max: 1000, count: 6, values: [400, 600, 800, 1000] },
    { min: -0.7, max: 0.8, count: 5, values: [-1, -0.5, 0, 0.5, 1] },
    { min: 0.1, max: 1.1, count: 6, values: [0, 0.2, 0.4, 0.6, 0.8, 1, 1.2] },
    { min: 0, max: 3e30, count: 5, values: [0, 1e30, 2e30, 3e30] },
  ])("encloses $min to $max with round numbers", ({ min, max, count, values }) => {
    expect(niceTicks({ min, max }, count).values).toEqual(values);
  });
});

test.each([
  [99.5, 0.5, "99.5"],
  [100, 0.5, "100.0"],
  [0.065, 0.0005, "0.0650"],
  [20_000, 5000, "20,000"],
  [0, 0.2, "0.0"],
  [3e30, 1e30, "3e30"],
  [2e-6, 1e-6, "2e-6"],
])("the tick %d of an axis in steps of %d reads %s", (value, step, text) => {
  expect(showTick(value, step)).toBe(text);
});
