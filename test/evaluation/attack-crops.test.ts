import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tf } from "../../src/engine/index.ts";
import { attackCrops } from "../../src/evaluation/attack-crops.ts";
import { type CropModel, openCropModel, scoreCrops } from "../../src/evaluation/face-crops.ts";
import { defaultModelDir } from "../../src/networks/index.ts";
import { cutPortrait } from "../augmentation/portrait-crop.ts";

let model: CropModel;
let crop: Uint8Array;

beforeAll(async () => {
  const shipped = await openCropModel(defaultModelDir, "wasm");
  // Small crops: the gradient of a whole one takes seconds without a native backend.
  const { manifest } = shipped;
  model = { ...shipped, manifest: { ...manifest, crop: { ...manifest.crop, sizePx: 64 } } };
  crop = (await cutPortrait(model.manifest.crop.sizePx)).data;
});
afterAll(() => model.discriminator.parameters.dispose());

describe.each(["fgsm", "pgd"] as const)("%s", (method) => {
  test("pushes a real towards forged and a fake towards authentic, within epsilon and in whole numbers", {
    timeout: 300_000,
  }, () => {
    const targets = [true, false].map((isReal) => ({ crop, isReal }));
    const before = tf.memory().numTensors;
    const [asReal, asFake] = attackCrops(model, targets, { method, epsilon: 2, seed: 1 });
    expect(tf.memory().numTensors).toBe(before);
    const [clean, lowered, raised] = scoreCrops(model, [crop, asReal!, asFake!]);
    expect(lowered!).toBeLessThan(clean!);
    expect(raised!).toBeGreaterThan(clean!);
    for (const attacked of [asReal!, asFake!]) {
      expect(attacked).toHaveLength(crop.length);
      const changes = attacked.map((value, i) => Math.abs(value - crop[i]!));
      expect(Math.max(...changes.subarray(0, 10_000))).toBe(2);
      expect(changes.every((change) => change <= 2)).toBe(true);
    }
  });
});
