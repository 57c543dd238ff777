import { spawnSync } from "node:child_process";
import { closeSync, existsSync, openSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { fixture, root } from "./run-cli.ts";

const still = fixture("still.jpg");

describe.skipIf(!existsSync("/dev/full"))("where standard output is full", () => {
  test.each([
    [["--help"]],
    [["--version"]],
    [["detect", "--backend", "wasm", still]],
    [["detect", "--backend", "wasm", "--json", "-", still]],
    [["detect", "--backend", "wasm", "--csv", "-", still]],
    [["detect", "--backend", "wasm", "--quiet", "--json", "/dev/stdout", still]],
    [["models"]],
    [["completion", "bash"]],
    [["doctor"]],
  ])("telltale %j ends with 1 and one sentence", (args) => {
    const full = openSync("/dev/full", "w");
    const { status, stderr } = spawnSync(process.execPath, ["dist/cli/main.js", ...args], {
      ...{ cwd: root, encoding: "utf8" },
      stdio: ["ignore", full, "pipe"],
    });
    closeSync(full);
    expect(stderr).toMatch(/^telltale: Expected to write .+\(ENOSPC\).*\.\n$/);
    expect(status).toBe(1);
  });
});

test("a reader that leaves ends the command without a word", () => {
  const command = `"${process.execPath}" dist/cli/main.js detect --help | true; exit "\${PIPESTATUS[0]}"`;
  const { stderr, status } = spawnSync("bash", ["-c", command], { cwd: root, encoding: "utf8" });
  expect(stderr).toBe("");
  expect([0, 141]).toContain(status);
});
