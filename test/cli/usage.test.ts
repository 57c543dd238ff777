import { describe, expect, test } from "vitest";
import { flagOf } from "../../src/cli/flags.ts";
import { outputOptionsSchema } from "../../src/cli/output-options.ts";
import { detectOptionsSchema } from "../../src/options/detect-options.ts";
import { describeOptions } from "../../src/options/parse-options.ts";
import { tool } from "../../src/report/tool.ts";
import { runCli } from "./run-cli.ts";

describe("wrong usage ends with 2 and one sentence", () => {
  test.each([
    [["detect"], "Expected at least one FILE but received none; try `telltale detect --help`."],
    [
      ["detect", "--frmes", "3", "x"],
      "Expected a known flag but received --frmes; the nearest one is --frames.",
    ],
    [["detct", "x"], "Expected a known command but received detct; the nearest one is detect."],
    [
      ["detect", "--frames", "many", "x"],
      'Expected a whole number from 1 to 100000 for --frames but received "many".',
    ],
    [
      ["detect", "--frames", "-5", "x"],
      "Expected a whole number from 1 to 100000 for --frames but received -5.",
    ],
    [["detect", "--fps=0", "x"], "Expected a number above 0, at most 240 for --fps but received 0."],
    [["detect", "--frames", "8", "--fps", "1", "x"], "Expected frames or fps but received both; omit one."],
    [
      ["detect", "--backend", "cuda", "x"],
      'Expected one of auto, tensorflow, wasm, cpu for --backend but received "cuda".',
    ],
    [
      ["detect", "--json", "-", "--csv", "-", "x"],
      "Expected --json - or --csv - but received both; stdout takes one document.",
    ],
  ])("telltale %j", async (args, sentence) => {
    expect(await runCli(args)).toEqual({ code: 2, stdout: "", stderr: `telltale: ${sentence}\n` });
  });
});

test.each([
  [["evaluate"], "--data"],
  [["calibrate", "x"], "--out"],
  [["sample"], "--from"],
  [["export"], "--from"],
  [["forge"], "--from"],
  [["train", "detector"], "--data"],
  [["train", "gan"], "--data"],
  [["train", "restoration"], "--data"],
  [["train", "swap"], "--a"],
  [["worker"], "--redis"],
  [["audit"], "FOLDER"],
  [["compare"], "MODEL"],
  [["completion"], "SHELL"],
])("telltale %j names what is missing, %s, and says what it is", async (args, name) => {
  const { code, stdout, stderr } = await runCli(args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(/^telltale: Expected .+\.\n$/);
  expect(stderr).toContain(name);
  expect(stderr).not.toContain("undefined");
});

test("no command shows the help on stderr and ends with 2", async () => {
  const { code, stdout, stderr } = await runCli([]);
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  expect(stderr).toMatch(/^Usage: telltale /);
});

test("--help shows every option of the schemas, the exit codes and examples", async () => {
  const { code, stdout, stderr } = await runCli(["detect", "--help"]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const options = Object.keys({
    ...describeOptions(outputOptionsSchema),
    ...describeOptions(detectOptionsSchema),
  }).map(flagOf);
  // What is on unless told otherwise has a flag that turns it off.
  const flags = [...stdout.matchAll(/^ {2}(--[\w-]+)/gm)].map((match) => match[1]!);
  expect(flags).toContain("--no-provenance");
  expect(flags.map((flag) => flag.replace("--no-", "--"))).toEqual(options);
  expect(stdout).toContain("Exit codes:\n  0   every file is authentic\n");
  expect(stdout).toContain("Examples:\n  telltale detect clip.mp4\n");
});

test("--version is the package's", async () => {
  expect(await runCli(["--version"])).toEqual({ code: 0, stdout: `${tool.version}\n`, stderr: "" });
});

test("an output that cannot be written is said before any work", async () => {
  const result = await runCli(["detect", "--json", "no/such/folder/x.json", "fixtures/media/forged.mp4"]);
  expect(result).toEqual({
    code: 1,
    stdout: "",
    stderr:
      "telltale: Expected to write no/such/folder/x.json but could not (ENOENT); give a path in a folder that exists and that you may write to.\n",
  });
});
