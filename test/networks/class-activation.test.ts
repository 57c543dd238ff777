import { beforeAll, describe, expect, test } from "vitest";
import { seededRandom, type Tensor4D, tf, useBackend } from "../../src/engine/index.ts";
import { cropFace } from "../../src/faces/index.ts";
import {
  classActivation,
  DIRECTIONS,
  type Discriminator,
  hasClassActivation,
  logits,
  STATISTICS_COUNT,
  setStandard,
  setSynthesisForm,
  startDiscriminator,
  trunkStatistics,
} from "../../src/networks/index.ts";
import { portraitFace, readPortrait } from "../faces/portrait.ts";

let discriminator: Discriminator;
let statistics: Discriminator;
let middle: Discriminator;
let synthesis: Discriminator;
let faces: Tensor4D;

beforeAll(async () => {
  await useBackend("wasm");
  discriminator = await startDiscriminator("face-trunk", seededRandom(1));
  statistics = await startDiscriminator("face-trunk", seededRandom(1), "trunk-statistics");
  middle = await startDiscriminator("face-trunk", seededRandom(1), "trunk-face");
  synthesis = await startDiscriminator("face-trunk", seededRandom(1), "trunk-synthesis");
  const crop = cropFace(await readPortrait(), portraitFace, { sizePx: 160, margin: 1.3 });
  const face = tf.tensor4d(Float32Array.from(crop), [1, 160, 160, 3]) as Tensor4D;
  faces = tf.concat([face, tf.reverse(face, 2)]) as Tensor4D;
  const noisy = tf.add(face, tf.randomNormal([16, 160, 160, 3], 0, 40, "float32", 3)) as Tensor4D;
  for (const { parameters } of [statistics, middle, synthesis]) {
    setStandard(parameters, trunkStatistics(parameters, noisy, "inference"));
  }
  const random = seededRandom(4);
  const normals = (count: number) => Float32Array.from({ length: count }, () => random.normal());
  setSynthesisForm(synthesis.parameters, {
    directions: normals(STATISTICS_COUNT * DIRECTIONS),
    ...{ weights: normals(DIRECTIONS), line: normals(STATISTICS_COUNT), bias: -20 },
  });
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

  test.each([
    ["statistics", () => statistics],
    ["statistics of its middle", () => middle],
    ["statistics, with a form for synthesised faces", () => synthesis],
  ])("of a head over %s has a cell for each 16 pixels, whose mean is the face's logit", (_, network) => {
    expect(hasClassActivation(network())).toBe(true);
    const { logits: own, maps } = classActivation(network(), faces);
    expect(maps.shape).toEqual([2, 10, 10]);
    const means = tf.mean(maps, [1, 2]).dataSync();
    const expected = logits(network(), faces, "inference").dataSync();
    for (const i of [0, 1]) {
      expect(own.dataSync()[i]).toBeCloseTo(expected[i]!, 5);
      expect(means[i]).toBeCloseTo(expected[i]!, 4);
    }
    expect(expected[0]).not.toBeCloseTo(expected[1]!, 3);
  });

  test("leaves no tensors behind but its two", () => {
    for (const network of [discriminator, statistics, middle, synthesis]) {
      const before = tf.memory().numTensors;
      const { logits: own, maps } = classActivation(network, faces);
      expect(tf.memory().numTensors).toBe(before + 2);
      tf.dispose([own, maps]);
    }
  });
});
