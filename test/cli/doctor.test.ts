import { describe, expect, test } from "vitest";
import { checkNode } from "../../src/cli/checks.ts";
import { runCli } from "./run-cli.ts";

describe("telltale doctor", () => {
  test("finds that detection can run here", async () => {
    const { code, stdout, stderr } = await runCli(["doctor", "--json"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const { canDetect, checks } = JSON.parse(stdout);
    expect(canDetect).toBe(true);
    expect(checks.map((check: { name: string }) => check.name)).toEqual([
      "node",
      "ffmpeg",
      "backend tensorflow",
      "backend wasm",
      "backend cpu",
      "fastest backend",
      "model",
      "memory",
      "cores",
      "temp",
    ]);
    const found = (name: string) => checks.find((check: { name: string }) => check.name === name);
    const [fastest] = found("fastest backend").found.split(",");
    expect(found(`backend ${fastest}`).state).toBe("ok");
    const mended = checks.filter(
      (c: { state: string; advice: string | null }) => (c.state === "ok") !== (c.advice === null),
    );
    expect(mended).toEqual([]);
  });

  test("prints a line for each finding and a closing sentence", async () => {
    const { stdout } = await runCli(["doctor"]);
    expect(stdout).toMatch(/^ok {4}node {17}20|^ok {4}node {17}22/);
    expect(stdout).toMatch(/\nok {4}backend wasm {9}WebAssembly with SIMD\n/);
    expect(stdout).toMatch(/\n\nDetection can run here\.\n$/);
  });

  test("an ffmpeg that does not run is a failure, with what to do", async () => {
    const { code, stdout } = await runCli(["doctor", "--json"], { TELLTALE_FFMPEG: "/no/such/ffmpeg" });
    expect(code).toBe(1);
    const { canDetect, checks } = JSON.parse(stdout);
    expect(canDetect).toBe(false);
    expect(checks.find((check: { name: string }) => check.name === "ffmpeg")).toEqual({
      name: "ffmpeg",
      state: "fail",
      found: "none",
      advice:
        "Expected a working ffmpeg at /no/such/ffmpeg but it did not run: install ffmpeg 5 or later, or point TELLTALE_FFMPEG and TELLTALE_FFPROBE at one.",
    });
  });
});

test.each([
  ["18.20.4", "fail"],
  ["20.8.1", "fail"],
  ["20.9.0", "ok"],
  ["22.14.0", "ok"],
  ["24.1.0", "warn"],
])("node %s: %s", (version, state) => {
  expect(checkNode(version).state).toBe(state);
});
