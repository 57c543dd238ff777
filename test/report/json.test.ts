import { describe, expect, test } from "vitest";
import { formatJson, reportFailure, reportFile } from "../../src/report/json.ts";
import { failureReportSchema, fileReportSchema, reportSchema } from "../../src/report/schema.ts";
import { sampleDetection } from "./sample.ts";

const failure = reportFailure("gone.mp4", { code: "FILE_MISSING", message: "Expected a file." });

describe("the JSON of one file", () => {
  test("has exactly the fields of its schema", () => {
    const report = reportFile(sampleDetection());
    expect(fileReportSchema.parse(report)).toEqual(report);
    expect(Object.keys(report)).toEqual(Object.keys(fileReportSchema.shape));
  });

  test("rounds an authenticity to 4 decimals, a time to 3 and a box to 1", () => {
    const report = reportFile(sampleDetection());
    expect(report.authenticity).toBe(0.0312);
    expect(report.tracks[0]!.authenticity).toBe(0.0312);
    expect(report.frames[0]!.faces[0]).toEqual({
      track: 1,
      box: [100, 50, 120, 130],
      authenticity: 0.0312,
      unscored: null,
    });
    expect(report.file).toMatchObject({ durationSec: 2, fps: 29.97 });
  });

  test("keeps what is unknown null", () => {
    const changes = {
      verdict: "inconclusive",
      reason: "no-face",
      authenticity: null,
      decidingTrack: null,
    } as const;
    const report = reportFile(sampleDetection({ ...changes, frames: [], tracks: [] }));
    expect(report).toMatchObject(changes);
    expect(reportSchema.safeParse(report).success).toBe(true);
  });

  test("of a file that could not be looked at has no verdict and an error", () => {
    expect(failure).toMatchObject({
      schema: 2,
      file: { path: "gone.mp4" },
      verdict: null,
      error: { code: "FILE_MISSING", message: "Expected a file." },
    });
    expect(failureReportSchema.parse(failure)).toEqual(failure);
  });

  test("with a field too many or an authenticity above 1 is refused by the schema", () => {
    const report = reportFile(sampleDetection());
    expect(reportSchema.safeParse({ ...report, score: 1 }).success).toBe(false);
    expect(reportSchema.safeParse({ ...report, authenticity: 1.1 }).success).toBe(false);
  });
});

describe("formatJson", () => {
  test("one report is one document", () => {
    const report = reportFile(sampleDetection());
    expect(JSON.parse(formatJson([report]))).toEqual(report);
  });

  test("several reports are JSON Lines", () => {
    const reports = [reportFile(sampleDetection()), failure];
    const lines = formatJson(reports).split("\n");
    expect(lines.pop()).toBe("");
    expect(lines.map((line) => JSON.parse(line))).toEqual(reports);
  });
});
