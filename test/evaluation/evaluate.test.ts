import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Detector, openDetector } from "../../src/detection/detect.ts";
import { evaluate } from "../../src/evaluation/evaluate.ts";
import { defaultModelDir, readManifest } from "../../src/networks/index.ts";

const media = resolve(import.meta.dirname, "../../fixtures/media");
const temporary = mkdtempSync(join(tmpdir(), "telltale-evaluate-"));
let detector: Detector;

beforeAll(async () => {
  // The model that ships, as if it had been trained on a source named x.
  const model = join(temporary, "model");
  cpSync(defaultModelDir, model, { recursive: true });
  const manifest = { ...(await readManifest(model)), trainedOn: ["x"] };
  writeFileSync(join(model, "manifest.json"), JSON.stringify(manifest));
  detector = await openDetector({ model, frames: 2, backend: "wasm", workers: 1 });
});
afterAll(async () => {
  await detector.close();
  rmSync(temporary, { recursive: true });
});

function indexOf(...rows: string[]): string {
  const path = join(temporary, "index.csv");
  writeFileSync(path, ["file,source,label,generator,group", ...rows].join("\n"));
  return path;
}

describe("evaluate", () => {
  test("gives every row its result or the code of its error, in the order of the index", async () => {
    const data = indexOf(
      `${media}/text.mp4,fixtures,real,,g1`,
      `${media}/still.jpg,fixtures,real,,g2`,
      `${media}/still-forged.jpg,fixtures,fake,self-blend,g2`,
      "missing.jpg,fixtures,fake,self-blend,g3",
    );
    const counts: number[] = [];
    const { files, evaluation } = await evaluate(detector, {
      data,
      seed: 1,
      onFile: ({ done, total }) => counts.push(done, total),
    });
    expect(counts).toEqual([1, 4, 2, 4, 3, 4, 4, 4]);
    expect(files.map(({ isReal, error }) => [isReal, error])).toEqual([
      [true, "NOT_MEDIA"],
      [true, null],
      [false, null],
      [false, "FILE_MISSING"],
    ]);
    for (const file of files.slice(1, 3)) {
      expect(file.authenticity).toBeGreaterThanOrEqual(0);
      expect(file.authenticity).toBeLessThanOrEqual(1);
      expect(file.frames).toHaveLength(1);
    }
    expect(files[0]).toMatchObject({ authenticity: null, verdict: null, frames: [] });
    expect(evaluation.verdicts.map(({ label, files: count, failed }) => [label, count, failed])).toEqual([
      ["real", 2, 1],
      ["fake", 2, 1],
    ]);
  });

  test("an index of which nothing may be used is refused", async () => {
    const data = indexOf("a.jpg,fixtures,real,,g1");
    await expect(evaluate(detector, { data, seed: 1, source: "elsewhere" })).rejects.toMatchObject({
      code: "DATA_INVALID",
      message: `Expected files to evaluate in ${data}, but none is left: every row is of another source, or was trained on.`,
    });
  });

  test("of sources that were trained on only the held-out groups are taken", async () => {
    // Group 3 of this source is on the training side, 8 on the test side, 11 on validation.
    const data = indexOf(...[3, 8, 11].map((group) => `${media}/missing-${group}.jpg,x,real,,${group}`));
    const { files } = await evaluate(detector, { data, seed: 1 });
    expect(files.map(({ group }) => group)).toEqual(["8"]);
  });

  test("an aborted evaluation rejects with ABORTED", async () => {
    const data = indexOf(`${media}/still.jpg,fixtures,real,,g2`);
    const signal = AbortSignal.abort();
    await expect(evaluate(detector, { data, seed: 1, signal })).rejects.toMatchObject({ code: "ABORTED" });
  });
});
