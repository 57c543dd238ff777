import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { seededRandom, type Tensor4D, tf, useBackend } from "../../../src/engine/index.ts";
import {
  discriminate,
  drawLatents,
  type GanArchitecture,
  type Generator,
  ganArchitectures,
  generate,
  initGanDiscriminator,
  initGenerator,
} from "../../../src/networks/index.ts";
import { AdamW } from "../../../src/training/adamw.ts";
import { augment } from "../../../src/training/gan/diff-augment.ts";
import { discriminatorStep, generatorStep, type StepOptions } from "../../../src/training/gan/gan-step.ts";
import { featureMatchingLoss } from "../../../src/training/gan/losses.ts";

beforeAll(() => useBackend("wasm"));
beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

const BATCH = 4;

async function start(architecture: GanArchitecture) {
  const network = { architecture, resolution: 16, width: 2, maxChannels: 4, latent: 8, classes: 0 };
  const generator = initGenerator(network, seededRandom(1));
  const discriminator = await initGanDiscriminator("own", network, seededRandom(2));
  const betas = { beta1: 0.5, beta2: 0.99 };
  const gOptimizer = new AdamW(generator.parameters.trained, betas);
  const dOptimizer = new AdamW(discriminator.parameters.trained, betas);
  return { generator, discriminator, gOptimizer, dOptimizer };
}

const noise = (seed: number) => {
  const random = seededRandom(seed);
  const pixels = Float32Array.from({ length: BATCH * 16 * 16 * 3 }, () => random.between(-1, 1));
  return tf.tensor4d(pixels, [BATCH, 16, 16, 3]);
};

/** A rate of 0 leaves the weights as they are: what is asked of the networks afterwards is of those that made the step. */
const optionsOf = (extra: Partial<StepOptions> = {}): StepOptions => ({
  loss: "non-saturating",
  learningRate: 0,
  labelSmoothing: 0,
  featureMatching: 0,
  clipNorm: 0,
  augment: [],
  stage: undefined,
  r1: 0,
  random: seededRandom(7),
  ...extra,
});

/** The fakes that a step of `optionsOf` makes: its first draws are their latents. */
const fakesOf = (generator: Generator, random = seededRandom(7)) => {
  const latents = tf.tensor2d(drawLatents(generator.network, BATCH, random), [BATCH, 8]);
  return generate(generator, latents, { mode: "training" });
};

const training = { mode: "training" } as const;
const softplus = (z: number) => Math.log1p(Math.exp(z));
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

describe.each(ganArchitectures)("a step of %s", (architecture) => {
  const moving = { learningRate: 0.01, r1: 1, featureMatching: 1 };

  test("of the discriminator moves it, and leaves the generator as it is, to the last bit", async () => {
    const { generator, discriminator, dOptimizer } = await start(architecture);
    const networks = [generator, discriminator];
    const [g, d] = networks.map((network) => network.parameters.toFloat32());
    discriminatorStep(generator, discriminator, dOptimizer, noise(3), optionsOf(moving));
    expect(generator.parameters.toFloat32()).toEqual(g);
    expect(discriminator.parameters.toFloat32()).not.toEqual(d);
  });

  test("of the generator moves it, and leaves the discriminator as it is, to the last bit", async () => {
    const { generator, discriminator, gOptimizer } = await start(architecture);
    const networks = [generator, discriminator];
    const [g, d] = networks.map((network) => network.parameters.toFloat32());
    generatorStep(generator, discriminator, gOptimizer, noise(3), optionsOf(moving));
    expect(discriminator.parameters.toFloat32()).toEqual(d);
    expect(generator.parameters.toFloat32()).not.toEqual(g);
  });
});

describe("the loss of a step", () => {
  const logitsOf = async () => {
    const networks = await start("vanilla");
    const { generator, discriminator } = networks;
    const of = (images: Tensor4D) =>
      Array.from(discriminate(discriminator, images, training).heads[0]!.dataSync() as Float32Array);
    const [real, fake] = [of(noise(3)), of(fakesOf(generator))];
    return { ...networks, real, fake };
  };

  test("of the discriminator is the loss asked for, of its logits", async () => {
    const { generator, discriminator, dOptimizer, real, fake } = await logitsOf();
    const lossOf = (extra: Partial<StepOptions>) =>
      discriminatorStep(generator, discriminator, dOptimizer, noise(3), optionsOf(extra)).loss;
    const crossEntropy = mean(real.map((z) => softplus(-z))) + mean(fake.map(softplus));
    const hinge = mean(real.map((z) => Math.max(0, 1 - z))) + mean(fake.map((z) => Math.max(0, 1 + z)));
    expect(lossOf({ loss: "non-saturating" })).toBeCloseTo(crossEntropy, 5);
    expect(lossOf({ loss: "hinge" })).toBeCloseTo(hinge, 5);
    expect(Math.abs(crossEntropy - hinge)).toBeGreaterThan(0.1);
    expect(lossOf({ labelSmoothing: 0.25 })).toBeCloseTo(crossEntropy + 0.25 * mean(real), 5);
    expect(Math.abs(mean(real))).toBeGreaterThan(0.1);
  });

  test("of the generator is the loss asked for, of its fakes' logits", async () => {
    const { generator, discriminator, gOptimizer, fake } = await logitsOf();
    const lossOf = (loss: StepOptions["loss"]) =>
      generatorStep(generator, discriminator, gOptimizer, noise(3), optionsOf({ loss })).loss;
    expect(lossOf("non-saturating")).toBeCloseTo(mean(fake.map((z) => softplus(-z))), 5);
    expect(lossOf("hinge")).toBeCloseTo(-mean(fake), 5);
  });

  test("of the generator grows by feature matching, times its weight", async () => {
    const { generator, discriminator, gOptimizer } = await start("vanilla");
    const lossOf = (featureMatching: number) =>
      generatorStep(generator, discriminator, gOptimizer, noise(3), optionsOf({ featureMatching })).loss;
    const realMean = tf.mean(discriminate(discriminator, noise(3), training).features, 0);
    const fake = discriminate(discriminator, fakesOf(generator), training);
    const distance = featureMatchingLoss(realMean, fake).dataSync()[0]!;
    expect(distance).toBeGreaterThan(0.01);
    const without = lossOf(0);
    expect(lossOf(1) - without).toBeCloseTo(distance, 5);
    expect(lossOf(3) - without).toBeCloseTo(3 * distance, 5);
  });
});

describe("a step with augmentation", () => {
  const parts = ["colour", "translation", "cutout"] as const;

  test("shows the discriminator augmented reals and augmented fakes", async () => {
    const { generator, discriminator, dOptimizer } = await start("vanilla");
    const logitOf = (images: Tensor4D) =>
      tf.mean(discriminate(discriminator, images, training).heads[0]!).dataSync()[0]!;
    const stepWith = (augmented: StepOptions["augment"]) =>
      discriminatorStep(generator, discriminator, dOptimizer, noise(3), optionsOf({ augment: augmented }));
    const random = seededRandom(7);
    const fakes = fakesOf(generator, random);
    const seen = [noise(3), fakes].map((images) => logitOf(augment(images, parts, random)));
    const whole = [noise(3), fakes].map(logitOf);
    const [{ realLogit, fakeLogit }, without] = [stepWith(parts), stepWith([])];
    expect(realLogit).toBeCloseTo(seen[0]!, 5);
    expect(fakeLogit).toBeCloseTo(seen[1]!, 5);
    expect(without.realLogit).toBeCloseTo(whole[0]!, 5);
    expect(without.fakeLogit).toBeCloseTo(whole[1]!, 5);
    for (const i of [0, 1]) expect(Math.abs(seen[i]! - whole[i]!)).toBeGreaterThan(0.01);
  });

  test("shows the discriminator augmented fakes when the generator learns", async () => {
    const { generator, discriminator, gOptimizer } = await start("vanilla");
    const random = seededRandom(7);
    const seen = augment(fakesOf(generator, random), parts, random);
    const expected = tf.mean(discriminate(discriminator, seen, training).heads[0]!).dataSync()[0]!;
    const options = optionsOf({ augment: parts });
    const { fakeLogit } = generatorStep(generator, discriminator, gOptimizer, noise(3), options);
    expect(fakeLogit).toBeCloseTo(expected, 5);
  });
});

describe("clipping", () => {
  test("brings a longer gradient to its length, and leaves a shorter one", async () => {
    const lengths: number[] = [];
    let norm = 0;
    for (const clipNorm of [0.001, 1e6]) {
      const { generator, discriminator, dOptimizer } = await start("vanilla");
      const options = optionsOf({ clipNorm });
      norm = discriminatorStep(generator, discriminator, dOptimizer, noise(3), options).gradientNorm;
      // AdamW's first moment is half the gradient after the first step with a beta1 of 0.5.
      lengths.push(2 * Math.hypot(...dOptimizer.toFloat32()[0]));
    }
    expect(norm).toBeGreaterThan(0.01);
    expect(lengths[0]).toBeCloseTo(0.001, 8);
    expect(lengths[1]! / norm).toBeCloseTo(1, 5);
  });
});

describe("overfitting", () => {
  test("a discriminator learns eight pictures by heart: others of the same generator all score lower", async () => {
    const { generator, discriminator, dOptimizer } = await start("vanilla");
    const frozen = generator.parameters.toFloat32();
    const draw = (seed: number) => {
      const latents = tf.tensor2d(drawLatents(generator.network, 8, seededRandom(seed)), [8, 8]);
      return generate(generator, latents, training);
    };
    const pixels = draw(5).dataSync() as Float32Array;
    const reals = () => tf.tensor4d(pixels, [8, 16, 16, 3]);
    const logits = (images: Tensor4D) =>
      Array.from(discriminate(discriminator, images, training).heads[0]!.dataSync() as Float32Array);
    const gap = () => Math.min(...logits(reals())) - Math.max(...logits(draw(6)));
    expect(gap()).toBeLessThan(-1);
    for (let step = 0; step < 75; step++) {
      const options = optionsOf({ learningRate: 0.01, random: seededRandom(100, step) });
      discriminatorStep(generator, discriminator, dOptimizer, reals(), options);
    }
    expect(gap()).toBeGreaterThan(0.5);
    expect(generator.parameters.toFloat32()).toEqual(frozen);
  });
});
