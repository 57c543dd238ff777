import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exitCodeOfReports } from "../../src/cli/exit-codes.ts";
import { type FileReport, fileReportSchema, reportSchema } from "../../src/report/schema.ts";
import { verdictWords } from "../../src/report/words.ts";
import { fixture, runCli } from "./run-cli.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "telltale-detect-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** Eight frames are enough to see every path through the command; wasm is there on every machine, and silent. */
const few = ["--frames", "8", "--backend", "wasm"];

async function reportOf(name: string): Promise<{ report: FileReport; code: number | null }> {
  const { code, stdout, stderr } = await runCli(["detect", ...few, "--json", "-", fixture(name)]);
  expect(stderr).toBe("");
  return { report: fileReportSchema.parse(JSON.parse(stdout)), code };
}

describe("telltale detect --json -", () => {
  test.each(["forged.mp4", "authentic.mp4", "still.jpg"])(
    "prints one valid document for %s and exits by its verdict",
    async (name) => {
      const { report, code } = await reportOf(name);
      expect(code).toBe(exitCodeOfReports([report]));
      expect(report.options).toMatchObject({ frames: 8, fps: null, backend: "wasm" });
      expect(report.coverage.framesSampled).toBe(name === "still.jpg" ? 1 : 8);
      expect(report.coverage.framesScored).toBe(report.coverage.framesSampled);
      expect(report.authenticity).toBe(
        report.tracks.find((track) => track.id === report.decidingTrack)!.authenticity,
      );
    },
  );

  test("a clip without a face is inconclusive, with null and not with 0.5", async () => {
    const { report, code } = await reportOf("no-face.mp4");
    expect(code).toBe(11);
    expect(report).toMatchObject({
      verdict: "inconclusive",
      reason: "no-face",
      authenticity: null,
      tracks: [],
    });
  });

  test("a face too small to score is found and reported", async () => {
    const { report, code } = await reportOf("small-face.mp4");
    expect(code).toBe(11);
    expect(report).toMatchObject({ verdict: "inconclusive", reason: "face-too-small", authenticity: null });
    expect(report.frames.flatMap((frame) => frame.faces.map((face) => face.unscored))).toContain("too-small");
  });

  test("two people are two tracks", async () => {
    const { report } = await reportOf("two-people.mp4");
    expect(report.tracks.map(({ id, frames }) => ({ id, frames }))).toEqual([
      { id: 1, frames: 8 },
      { id: 2, frames: 8 },
    ]);
  });

  test("a truncated clip is judged by what can be decoded, with a warning", async () => {
    const { report } = await reportOf("truncated.mp4");
    expect(report.warnings.length).toBeGreaterThan(0);
    expect(report.coverage.framesScored).toBeGreaterThan(0);
  });

  test("several files are JSON Lines, and a bad one is a row that does not stop the others", async () => {
    const files = ["no-face.mp4", "audio-only.m4a", "empty.mp4", "gone.mp4", "still.jpg"].map(fixture);
    const { code, stdout, stderr } = await runCli(["detect", ...few, "--json", "-", ...files]);
    const reports = stdout
      .trimEnd()
      .split("\n")
      .map((line) => reportSchema.parse(JSON.parse(line)));
    expect(reports.map((report) => report.file.path)).toEqual(files.map((file) => basename(file)));
    expect(stdout).not.toContain(dirname(files[0]!));
    expect(reports.map((report) => ("error" in report ? report.error.code : null))).toEqual([
      null,
      "NO_VIDEO",
      "FILE_EMPTY",
      "FILE_MISSING",
      null,
    ]);
    expect(stderr.trimEnd().split("\n").length).toBe(3);
    expect(code).toBe(1);
  });
});

test("without --json the report is for people, and nothing is on stderr", async () => {
  const { stdout, stderr } = await runCli(["detect", ...few, fixture("forged.mp4")]);
  expect(stderr).toBe("");
  expect(Object.values(verdictWords).some((words) => stdout.includes(`\n  ${words}`))).toBe(true);
  expect(stdout).toMatch(/\n {2}face 1 {8}[▁▂▃▄▅▆▇█·?]{8} {2}\d\.\d{2,4}\n/);
  expect(stdout).toContain("Analyzed 8 frames: 8 with a face, 8 scored, 0 failed.");
});

test("where there is no UTF-8 the timeline is digits", async () => {
  const { stdout } = await runCli(["detect", ...few, fixture("forged.mp4")], { LC_ALL: "C" });
  expect(stdout).toMatch(/\n {2}face 1 {8}\d{8} {2}\d\.\d{2,4}\n/);
});

test("--json F and --csv F write the same reports to files, and --quiet says nothing", async () => {
  const [json, csv] = [join(folder, "r.json"), join(folder, "r.csv")];
  const file = fixture("two-people.mp4");
  const result = await runCli(["detect", ...few, "--quiet", "--json", json, "--csv", csv, file]);
  expect(result).toMatchObject({ stdout: "", stderr: "" });
  const report = fileReportSchema.parse(JSON.parse(await readFile(json, "utf8")));
  expect(result.code).toBe(exitCodeOfReports([report]));
  const rows = (await readFile(csv, "utf8")).trimEnd().split("\r\n");
  expect(rows.length - 1).toBe(
    report.frames.reduce((sum, frame) => sum + Math.max(1, frame.faces.length), 0),
  );
});

test("--verbose says on stderr which backend scores", async () => {
  const { stdout, stderr } = await runCli([
    "detect",
    "--verbose",
    "--backend",
    "wasm",
    "--json",
    "-",
    fixture("still.jpg"),
  ]);
  expect(stderr).toMatch(/^telltale: backend wasm \(WebAssembly with SIMD\), workers: \d+\n/);
  expect(fileReportSchema.parse(JSON.parse(stdout)).backend.name).toBe("wasm");
});

test("a model that is not there is one sentence and 1", async () => {
  const { code, stdout, stderr } = await runCli([
    "detect",
    "--model",
    "no/such/model",
    "--json",
    "-",
    fixture("still.jpg"),
  ]);
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).toBe(
    "telltale: Expected a model folder with a manifest.json at no/such/model, but there is none. `telltale models` lists the models that are here.\n",
  );
});
