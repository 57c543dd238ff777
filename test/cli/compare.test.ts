import { copyFile, cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { defaultModelDir, type ModelManifest } from "../../src/networks/index.ts";
import type { Comparison } from "../../src/report/comparison.ts";
import { verdictWords } from "../../src/report/words.ts";
import { fixture, runCli } from "./run-cli.ts";

let folder: string;
const models = { forged: "", authentic: "" };
const few = ["--frames", "3", "--backend", "wasm", "--workers", "1"];

/** The model that ships, with lines drawn so that every scored face gets one verdict. */
async function biased(name: "forged" | "authentic", line: number): Promise<void> {
  models[name] = join(folder, name);
  await cp(defaultModelDir, models[name], { recursive: true });
  const path = join(models[name], "manifest.json");
  const manifest = JSON.parse(await readFile(path, "utf8")) as ModelManifest;
  const lines = { forgedBelow: line, authenticAbove: line };
  const { image, video } = manifest.thresholds;
  const thresholds = { image: { ...image, ...lines }, video: { ...video, ...lines } };
  await writeFile(path, JSON.stringify({ ...manifest, name, thresholds }));
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "telltale-compare-"));
  await Promise.all([biased("forged", 1), biased("authentic", 0)]);
  await mkdir(join(folder, "media/inner"), { recursive: true });
  await copyFile(fixture("still.jpg"), join(folder, "media/inner/still.jpg"));
  await copyFile(fixture("no-face.mp4"), join(folder, "media/no-face.mp4"));
  await writeFile(join(folder, "media/notes.txt"), "No media.");
});
afterAll(() => rm(folder, { recursive: true }));

describe("telltale compare", () => {
  test("names every file whose verdict changed, with both, and passes over what is no media", async () => {
    const args = ["compare", models.forged, models.authentic, join(folder, "media"), ...few];
    const { code, stdout, stderr } = await runCli([...args, "--json", "-"]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    const { compared, changed, failed, models: both } = JSON.parse(stdout) as Comparison;
    expect({ compared, failed }).toEqual({ compared: 2, failed: [] });
    expect(both.map(({ name }) => name)).toEqual(["forged", "authentic"]);
    expect(changed).toHaveLength(1);
    expect(changed[0]!.path).toBe("inner/still.jpg");
    expect(stdout).not.toContain(folder);
    expect([changed[0]!.first.verdict, changed[0]!.second.verdict]).toEqual(["forged", "authentic"]);
    expect(changed[0]!.first.authenticity).toBe(changed[0]!.second.authenticity);
  });

  test("says in words what both models found", async () => {
    const args = ["compare", models.forged, models.authentic, join(folder, "media"), ...few];
    const { stdout } = await runCli(args);
    const [line] = stdout.split("\n");
    expect(line).toContain("inner/still.jpg");
    for (const verdict of ["forged", "authentic"] as const) expect(line).toContain(verdictWords[verdict]);
  });

  test("a model agrees with itself, and media that cannot be read is said with 1", async () => {
    await writeFile(join(folder, "media/broken.gif"), "GIF89a and then nothing");
    const args = ["compare", models.forged, models.forged, join(folder, "media"), ...few];
    const { code, stdout } = await runCli(args);
    expect(stdout).toMatch(
      /^0 of 2 verdicts in .* changed from forged .*; 1 file could not be analyzed\.\n$/,
    );
    expect(code).toBe(1);
    await rm(join(folder, "media/broken.gif"));
  });

  test("a folder that is not there is one sentence and 1", async () => {
    const { code, stderr } = await runCli(["compare", models.forged, models.forged, join(folder, "gone")]);
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `telltale: Expected a folder at ${join(folder, "gone")} but it cannot be read.\n`,
    });
  });
});
