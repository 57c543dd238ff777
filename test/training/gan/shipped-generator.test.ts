import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { useBackend } from "../../../src/engine/index.ts";
import { FaceFinder } from "../../../src/faces/index.ts";
import { decodeImage } from "../../../src/media/index.ts";
import { modelsDir } from "../../../src/networks/index.ts";
import { sample } from "../../../src/training/gan/sample.ts";
import { sampleOptionsSchema } from "../../../src/training/gan/sample-options.ts";

let folder = "";
beforeAll(async () => {
  await useBackend("wasm");
  folder = await mkdtemp(join(tmpdir(), "telltale-generator-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("the generator that ships makes faces: the face finder sees them, each another one", async () => {
  const out = join(folder, "faces/");
  const from = join(modelsDir, "style-64");
  await sample(
    sampleOptionsSchema.parse({ from, out, count: 24, side: 200, truncation: 0.8, backend: "wasm" }),
  );
  const finder = await FaceFinder.load();
  let found = 0;
  const pictures: Uint8Array[] = [];
  for (let i = 0; i < 24; i++) {
    const picture = await decodeImage(join(out, `${String(i).padStart(6, "0")}.png`));
    pictures.push(picture.data);
    if (finder.find(picture).length > 0) found++;
  }
  expect(found).toBeGreaterThanOrEqual(20);
  const apart = (a: Uint8Array, b: Uint8Array) =>
    a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length;
  for (let i = 1; i < pictures.length; i++) expect(apart(pictures[i]!, pictures[i - 1]!)).toBeGreaterThan(15);
});
