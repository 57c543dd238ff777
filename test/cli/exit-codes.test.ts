import { expect, test } from "vitest";
import { exitCodeOfReports } from "../../src/cli/exit-codes.ts";
import { reportFailure, reportFile } from "../../src/report/json.ts";
import { sampleDetection } from "../report/sample.ts";

const authentic = reportFile(sampleDetection({ verdict: "authentic" }));
const forged = reportFile(sampleDetection());
const inconclusive = reportFile(sampleDetection({ verdict: "inconclusive", reason: "near-threshold" }));
const failed = reportFailure("gone.mp4", { code: "FILE_MISSING", message: "Not there." });

test.each([
  [0, "all authentic", [authentic, authentic]],
  [10, "one forged", [authentic, forged, inconclusive]],
  [11, "one inconclusive and none forged", [inconclusive, authentic]],
  [1, "one not looked at, whatever the others are", [forged, failed, inconclusive]],
])("%i: %s", (code, _, reports) => {
  expect(exitCodeOfReports(reports)).toBe(code);
});
