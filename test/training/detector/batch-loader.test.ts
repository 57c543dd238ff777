import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FaceDataset, FaceDatasetWriter } from "../../../src/data/face-dataset.ts";
import { BatchLoader } from "../../../src/training/detector/batch-loader.ts";
import { BatchSampler } from "../../../src/training/detector/batch-sampler.ts";
import { cutPortrait } from "../../augmentation/portrait-crop.ts";
import { groupsOn, storedFace } from "../stored-faces.ts";

const temporary = mkdtempSync(join(tmpdir(), "telltale-batches-"));
let store: FaceDataset;
let plan: BatchSampler;

beforeAll(async () => {
  const folder = join(temporary, "store");
  const writer = await FaceDatasetWriter.create(folder);
  const { data, mesh } = await cutPortrait(256);
  const box = { centreX: 128, centreY: 128, longerSidePx: 256 / 1.3 };
  for (const group of groupsOn("train", 3)) {
    for (const label of ["real", "fake"] as const)
      await writer.add(storedFace({ group, label }), { data, mesh, box, sidePx: 256 });
  }
  await writer.finish();
  store = (await FaceDataset.open(folder))!;
  plan = new BatchSampler(store.faces, { seed: 1, batchSize: 8, selfBlends: 0.3, swaps: 0.2 });
});
afterAll(async () => {
  await store.close();
  rmSync(temporary, { recursive: true });
});

const start = (threads: number, seed = 1) =>
  BatchLoader.start({
    storeFolders: [store.folder],
    plan,
    seed,
    crop: { sizePx: 64, margin: 1.3 },
    threads,
    ahead: 3,
  });

describe("BatchLoader", () => {
  test("gives real and fake in turn, and the same batch for a step with any number of threads", async () => {
    const [one, two] = await Promise.all([start(1), start(2)]);
    for (const step of [0, 1, 2]) {
      const [a, b] = await Promise.all([one.take(step), two.take(step)]);
      expect(a.faces).toHaveLength(8 * 64 * 64 * 3);
      expect([...a.classes]).toEqual([0, 1, 0, 1, 0, 1, 0, 1]);
      expect(a.maps).toHaveLength(8 * 4 * 4);
      expect(a.mapWeights).toHaveLength(8);
      expect(b).toEqual(a);
    }
    await Promise.all([one.close(), two.close()]);
  });

  test("a run that starts late draws what it would have drawn, another seed something else", async () => {
    const [early, late, other] = await Promise.all([start(1), start(1), start(1, 2)]);
    await early.take(0);
    const expected = await early.take(1);
    expect(await late.take(1)).toEqual(expected);
    expect(Buffer.compare((await other.take(1)).faces, expected.faces)).not.toBe(0);
    await Promise.all([early.close(), late.close(), other.close()]);
  });
});
