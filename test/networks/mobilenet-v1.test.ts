import { beforeAll, describe, expect, test } from "vitest";
import {
  humanModelPath,
  readGraphModel,
  seededRandom,
  type Tensor,
  type Tensor4D,
  tf,
  useBackend,
} from "../../src/engine/index.ts";
import { cropFace } from "../../src/faces/index.ts";
import { type Discriminator, initDiscriminator, logits } from "../../src/networks/index.ts";
import { backboneFeatures } from "../../src/networks/mobilenet-v1.ts";
import { portraitFace, readPortrait } from "../faces/portrait.ts";

let discriminator: Discriminator;

beforeAll(async () => {
  await useBackend("wasm");
  discriminator = await initDiscriminator("pretrained", seededRandom(1));
});

/** The portrait's face, float32 [1, size, size, 3], RGB in [0, 255]. */
async function portraitCrop(size: number): Promise<Tensor4D> {
  const crop = cropFace(await readPortrait(), portraitFace, { sizePx: size, margin: 1.3 });
  return tf.tensor4d(Float32Array.from(crop), [1, size, size, 3]) as Tensor4D;
}

function largestGap(a: Tensor, b: Tensor): number {
  return tf.tidy(() => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!);
}

describe("the backbone", () => {
  test("computes what the network that its weights come from computes", async () => {
    const faces = await portraitCrop(224);
    const original = await readGraphModel(humanModelPath("faceres"));
    // That one takes BGR minus its own means.
    const bgr = tf.tidy(() => tf.sub(tf.reverse(faces, 3), tf.tensor1d([103.939, 116.779, 123.68])));
    const expected = original.execute(bgr, "global_pooling/Mean") as Tensor;
    const actual = tf.tidy(() =>
      tf.mean(backboneFeatures(discriminator.parameters, faces, "inference"), [1, 2]),
    );
    expect(actual.shape).toEqual([1, 1024]);
    expect(tf.tidy(() => tf.max(expected).dataSync()[0])).toBeGreaterThan(1);
    expect(largestGap(tf.reshape(expected, [1, 1024]), actual)).toBeLessThan(1e-4);
  });

  test("gives the same in training as in use", async () => {
    const faces = await portraitCrop(96);
    const [training, inference] = [
      backboneFeatures(discriminator.parameters, faces, "training"),
      backboneFeatures(discriminator.parameters, faces, "inference"),
    ];
    expect(training.shape).toEqual([1, 3, 3, 1024]);
    expect(largestGap(training, inference)).toBeLessThan(1e-4);
  });

  test("gives a map of a 32nd of the side, in [0, 6]", async () => {
    const map = backboneFeatures(discriminator.parameters, await portraitCrop(64), "inference");
    const values = map.dataSync();
    expect(map.shape).toEqual([1, 2, 2, 1024]);
    expect(values.every((value) => value >= 0 && value <= 6)).toBe(true);
  });
});

describe("a discriminator", () => {
  test("has 3,199,620 values", () => {
    expect(discriminator.parameters.count).toBe(3_199_620);
    expect(discriminator.parameters.toFloat32()).toHaveLength(3_199_620);
    expect(discriminator.parameters.variables).toHaveLength(2 + 13 * 4 + 4);
  });

  test("judges each face of a batch by itself", async () => {
    const face = await portraitCrop(64);
    const [together, alone] = tf.tidy(() => {
      const other = tf.sub(255, face);
      const batch = tf.concat([other, face, other]) as Tensor4D;
      return [
        [...logits(discriminator, batch, "inference").dataSync()],
        [...logits(discriminator, face, "inference").dataSync()],
      ];
    });
    expect(together).toHaveLength(3);
    expect(together[1]).toBeCloseTo(alone[0]!, 4);
    expect(together[0]).toBeCloseTo(together[2]!, 5);
    expect(Math.abs(together[0]! - together[1]!)).toBeGreaterThan(0.01);
  });

  test("gives the same logits in training as in use, unless features are left out", async () => {
    const face = await portraitCrop(64);
    const z = (mode: "training" | "inference", options?: { dropout: number; seed: number }) =>
      tf.tidy(() => logits(discriminator, face, mode, options).dataSync()[0]!);
    expect(z("training")).toBeCloseTo(z("inference"), 4);
    expect(z("training", { dropout: 0.5, seed: 3 })).toBe(z("training", { dropout: 0.5, seed: 3 }));
    expect(z("training", { dropout: 0.5, seed: 3 })).not.toBe(z("training", { dropout: 0.5, seed: 4 }));
  });

  test("starts the same for a seed, with a classification head of its own for another", async () => {
    const [first, same, other] = await Promise.all(
      [5, 5, 6].map((seed) => initDiscriminator("pretrained", seededRandom(seed))),
    );
    const [a, b, c] = [first!, same!, other!].map(({ parameters }) => parameters.toFloat32());
    const headFrom = 3_199_620 - 3588;
    const areSame = (x: Float32Array, y: Float32Array) => x.every((value, i) => value === y[i]);
    expect(areSame(a!, b!)).toBe(true);
    expect(areSame(a!.subarray(0, headFrom), c!.subarray(0, headFrom))).toBe(true);
    expect(areSame(a!.subarray(headFrom), c!.subarray(headFrom))).toBe(false);
    expect(a!.at(-1)).toBe(0);
    for (const { parameters } of [first!, same!, other!]) parameters.dispose();
  });

  test("starts at random with features that neither die nor explode", async () => {
    const random = await initDiscriminator("random", seededRandom(1));
    const features = backboneFeatures(random.parameters, await portraitCrop(64), "inference");
    const mean = tf.tidy(() => tf.mean(features).dataSync()[0]!);
    expect(mean).toBeGreaterThan(0.01);
    expect(mean).toBeLessThan(5);
    random.parameters.dispose();
  });

  test("leaves no tensors behind", async () => {
    const face = await portraitCrop(64);
    const before = tf.memory().numTensors;
    const passing = await initDiscriminator("pretrained", seededRandom(2));
    for (const mode of ["training", "inference"] as const) logits(passing, face, mode).dispose();
    expect(tf.memory().numTensors).toBe(before + 58);
    passing.parameters.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
