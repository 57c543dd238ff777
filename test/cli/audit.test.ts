import { existsSync } from "node:fs";
import { appendFile, cp, mkdir, mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fill, suspiciousModel } from "../audit/media-folder.ts";
import { fixture, runCli } from "./run-cli.ts";

let work: string;
let model: string;
beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), "telltale-cli-audit-"));
  await mkdir(join(work, "media"));
  // Whatever the shipped model says of it, here every face is inconclusive.
  model = await suspiciousModel(work, { forgedBelow: 0.0001, authenticAbove: 0.9999 });
  await cp(fixture("still.jpg"), join(work, "media/a.jpg"));
  await cp(fixture("text.mp4"), join(work, "media/b.txt"));
  await symlink("nowhere", join(work, "broken.mp4"));
});
afterAll(() => rm(work, { recursive: true }));

const run = (...args: string[]) =>
  runCli([
    "audit",
    join(work, "media"),
    "--out",
    join(work, "out"),
    "--backend",
    "wasm",
    "--model",
    model,
    "--jobs",
    "1",
    ...args,
  ]);

describe("telltale audit", { timeout: 240_000 }, () => {
  test("prints the counts and where to look, and ends with 11 for an inconclusive file", async () => {
    const { code, stdout, stderr } = await run();
    expect({ code, stderr }).toEqual({ code: 11, stderr: "" });
    const lines = stdout.trimEnd().split("\n");
    // Forged, inconclusive, not analyzed, authentic, no media.
    expect(lines.slice(0, 5).map((line) => Number.parseInt(line, 10))).toEqual([0, 1, 0, 0, 1]);
    expect(lines.at(-1)).toBe(`2 files (23.9 kB). Open ${join(work, "out/summary.html")}`);
    expect(await readFile(join(work, "out/summary.html"), "utf8")).toContain("a.jpg</bdi>");
  });

  test("with --fail-on ends with what is named there, and --quiet prints nothing", async () => {
    expect(await run("--fail-on", "forged", "--quiet")).toEqual({ code: 0, stdout: "", stderr: "" });
    expect(await run("--fail-on", "error", "--fail-on", "inconclusive", "--quiet")).toMatchObject({
      code: 11,
    });
  });

  test("ends with 1 for a file that could not be looked at, which it names", async () => {
    await symlink("nowhere", join(work, "media/broken.mp4"));
    const { code, stderr } = await run("--quiet");
    expect(code).toBe(1);
    expect(stderr).toBe(
      "telltale: broken.mp4: Expected a file at broken.mp4 but it is a broken link (ENOENT); repair or delete it.\n",
    );
    expect(await run("--quiet", "--fail-on", "forged")).toMatchObject({ code: 0, stderr: "" });
    await rm(join(work, "media/broken.mp4"));
  });

  test("of more files than ten prints no warning of Node", async () => {
    await fill(
      join(work, "many"),
      Object.fromEntries(Array.from({ length: 14 }, (_, i) => [`${i}.jpg`, "still.jpg"])),
    );
    // Different contents, so that each is hashed and judged.
    for (let i = 0; i < 14; i++) await appendFile(join(work, "many", `${i}.jpg`), String(i));
    const args = ["audit", join(work, "many"), "--out", join(work, "many-audit"), "--backend", "wasm"];
    const { code, stderr } = await runCli([...args, "--jobs", "2", "--reports", "none"]);
    expect({ stderr, isFailed: code === 1 }).toEqual({ stderr: "", isFailed: false });
  });

  test.each([
    [
      ["audit", "media", "--out", "x", "--jobs", "0"],
      "Expected a whole number from 1 to 256 for --jobs but received 0.",
    ],
    [
      ["audit", "media", "--out", "x", "--since", "soon"],
      'Expected a date (2026-03-01) or an age (36h, 7d) for since but received "soon".',
    ],
    [
      ["audit", "media", "--out", "x", "--fail-on", "doubt"],
      'Expected one of forged, inconclusive, error for --fail-on but received "doubt".',
    ],
    [
      ["worker"],
      "Expected --redis URL but it was not given: URL of the queue (redis://...), as given to `telltale audit`.",
    ],
  ])("%j is refused in one sentence", async (args, sentence) => {
    expect(await runCli(args)).toEqual({ code: 2, stdout: "", stderr: `telltale: ${sentence}\n` });
    expect(existsSync("x")).toBe(false);
  });
});
