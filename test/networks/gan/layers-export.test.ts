import { beforeAll, describe, expect, test } from "vitest";
import { seededRandom, type Tensor, type Tensor4D, tf, useBackend } from "../../../src/engine/index.ts";
import {
  discriminate,
  discriminatorAsLayers,
  drawLatents,
  type GanArchitecture,
  generate,
  generatorAsLayers,
  initGanDiscriminator,
  initGenerator,
} from "../../../src/networks/index.ts";

beforeAll(() => useBackend("cpu"));

const networkOf = (architecture: GanArchitecture) =>
  ({ architecture, resolution: 16, width: 3, maxChannels: 6, latent: 8, classes: 0 }) as const;

const gap = (a: Tensor, b: Tensor) => tf.max(tf.abs(tf.sub(a, b))).dataSync()[0]!;

/** What training leaves behind: no bias at 0, no statistic at its start. */
function shake(values: Float32Array): Float32Array {
  const random = seededRandom(3);
  return values.map((value) => value + 0.1 * Math.abs(random.normal()));
}

describe("as plain layers", () => {
  test.each(["vanilla", "progressive", "style", "big"] as const)(
    "the generator of %s makes the same pictures",
    (architecture) => {
      const network = networkOf(architecture);
      const generator = initGenerator(network, seededRandom(1));
      generator.parameters.assign(shake(generator.parameters.toFloat32()));
      const latents = tf.tensor2d(drawLatents(network, 3, seededRandom(2)), [3, network.latent]);
      const expected = generate(generator, latents, { mode: "inference" });
      const actual = generatorAsLayers(generator).predict(latents) as Tensor;
      expect(actual.shape).toEqual([3, 16, 16, 3]);
      const size = tf.max(tf.abs(expected)).dataSync()[0]!;
      expect(gap(actual, expected) / size).toBeLessThan(1e-4);
    },
  );

  test.each(["vanilla", "progressive", "style", "big"] as const)(
    "the discriminator of %s gives the same logits, each picture by itself",
    async (architecture) => {
      const discriminator = await initGanDiscriminator("own", networkOf(architecture), seededRandom(1));
      discriminator.parameters.assign(shake(discriminator.parameters.toFloat32()));
      const random = seededRandom(4);
      const pixels = Float32Array.from({ length: 3 * 16 * 16 * 3 }, () => random.between(-1, 1));
      const images = tf.tensor4d(pixels, [3, 16, 16, 3]) as Tensor4D;
      const pass = { mode: "inference", hasBatchStatistics: false } as const;
      const expected = discriminate(discriminator, images, pass).heads[0]!;
      const actual = discriminatorAsLayers(discriminator).predict(images) as Tensor;
      const size = tf.max(tf.abs(expected)).dataSync()[0]!;
      expect(gap(actual, expected) / size).toBeLessThan(1e-4);
    },
  );

  test("the projected discriminator gives the logits of all heads", async () => {
    await useBackend("wasm");
    const discriminator = await initGanDiscriminator("trunk", networkOf("vanilla"), seededRandom(1));
    const random = seededRandom(4);
    const pixels = Float32Array.from({ length: 2 * 16 * 16 * 3 }, () => random.between(-1, 1));
    const images = tf.tensor4d(pixels, [2, 16, 16, 3]) as Tensor4D;
    const { heads } = discriminate(discriminator, images, { mode: "inference", hasBatchStatistics: false });
    const expected = tf.concat([...heads], 1);
    const actual = discriminatorAsLayers(discriminator).predict(images) as Tensor;
    expect(actual.shape).toEqual([2, 64]);
    expect(gap(actual, expected) / tf.max(tf.abs(expected)).dataSync()[0]!).toBeLessThan(1e-4);
  });

  test("a network with classes is refused in a sentence", () => {
    const generator = initGenerator({ ...networkOf("big"), classes: 3 }, seededRandom(1));
    expect(() => generatorAsLayers(generator)).toThrow(
      "Expected a generator without classes but received one with 3",
    );
  });
});
