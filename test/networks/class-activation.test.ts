import { beforeAll, describe, expect, test } from "vitest";
import { seededRandom, type Tensor4D, tf, useBackend } from "../../src/engine/index.ts";
import { cropFace } from "../../src/faces/index.ts";
import {
  classActivation,
  type Discriminator,
  hasClassActivation,
  logits,
  startDiscriminator,
} from "../../src/networks/index.ts";
import { portraitFace, readPortrait } from "../faces/portrait.ts";

let discriminator: Discriminator;
let faces: Tensor4D;

beforeAll(async () => {
  await useBackend("wasm");
  discriminator = await startDiscriminator("face-trunk", seededRandom(1));
  const crop = cropFace(await readPortrait(), portraitFace, { sizePx: 160, margin: 1.3 });
  const face = tf.tensor4d(Float32Array.from(crop), [1, 160, 160, 3]) as Tensor4D;
  faces = tf.concat([face, tf.reverse(face, 2)]) as Tensor4D;
});

describe("the class activation map", () => {
  test("is there for the face trunk", () => {
    expect(hasClassActivation(discriminator)).toBe(true);
  });

  test("has a cell for each 32 pixels, whose mean is the face's logit", () => {
    const { logits: own, maps } = classActivation(discriminator, faces);
    expect(maps.shape).toEqual([2, 5, 5]);
    const means = tf.mean(maps, [1, 2]).dataSync();
    const expected = logits(discriminator, faces, "inference").dataSync();
    for (const i of [0, 1]) {
      expect(own.dataSync()[i]).toBe(expected[i]);
      expect(means[i]).toBeCloseTo(expected[i]!, 5);
    }
    expect(new Set(maps.dataSync()).size).toBeGreaterThan(40);
  });

  test("leaves no tensors behind but its two", () => {
    const before = tf.memory().numTensors;
    const { logits: own, maps } = classActivation(discriminator, faces);
    expect(tf.memory().numTensors).toBe(before + 2);
    tf.dispose([own, maps]);
  });
});
