import { expect, test } from "vitest";
import { showDuration, showNumber } from "../../../src/training/report/readable-numbers.ts";

test.each([
  [50_000, "50,000"],
  [-0, "0"],
  [0.0640239, "0.06402"],
  [-0.27965, "-0.2797"],
  [1234.56, "1,235"],
])("%d reads %s", (value, text) => {
  expect(showNumber(value)).toBe(text);
});

test.each([
  [0.4, "0 s"],
  [119, "119 s"],
  [1020, "17 min"],
  [4508, "75 min"],
  [9000, "2.5 h"],
])("%d seconds read %s", (sec, text) => {
  expect(showDuration(sec)).toBe(text);
});
