import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { seededRandom, type Tensor4D, tf, useBackend } from "../../../src/engine/index.ts";
import { discriminate } from "../../../src/networks/index.ts";
import { resolveGanOptions, trainGanOptionsSchema } from "../../../src/training/gan/gan-options.ts";
import { GanState } from "../../../src/training/gan/gan-state.ts";
import { GanTrainer } from "../../../src/training/gan/gan-trainer.ts";

beforeAll(() => useBackend("wasm"));
beforeEach(() => tf.engine().startScope());
afterEach(() => tf.engine().endScope());

const BATCH = 4;
/** Rate at which a step moves no weight: less than half the last digit of any. */
const STILL = 1e-20;

async function start(extra: object = {}) {
  const options = resolveGanOptions(
    trainGanOptionsSchema.parse({
      ...{ data: "-", out: "-", arch: "vanilla", resolution: 16, width: 2, maxChannels: 4, latent: 8 },
      ...{ batch: BATCH, augment: "none", r1: 0, precision: "float32", ...extra },
    }),
  );
  const { arch, resolution, width, maxChannels, latent } = options;
  const network = { architecture: arch, resolution, width, maxChannels, latent, classes: 0 };
  const state = await GanState.start(network, options, null);
  return { state, trainer: new GanTrainer(state, options, []) };
}

const batch = (() => {
  const random = seededRandom(77);
  const pixels = Float32Array.from({ length: BATCH * 16 * 16 * 3 }, () => random.between(-1, 1));
  return { pixels, indices: [0, 1, 2, 3] };
})();

const difference = (a: Float32Array, b: Float32Array) => Array.from(a, (value, i) => value - b[i]!);

/** How far each value of both networks goes in the first step. */
async function firstMove(extra: object, step = 0) {
  const { state, trainer } = await start(extra);
  state.step = step;
  const weights = () => [state.generator, state.discriminator].map((n) => n.parameters.toFloat32());
  const isTrained = state.generator.parameters.specs.flatMap(({ shape, isTrained }) =>
    Array<boolean>(shape.reduce((a, b) => a * b, 1)).fill(isTrained !== false),
  );
  const before = weights();
  expect(trainer.step(batch)).toBeNull();
  const [g, d] = weights().map((after, i) => difference(after, before[i]!)) as [number[], number[]];
  return { g: g.filter((_, i) => isTrained[i]), d };
}

const expectClose = (actual: readonly number[], expected: readonly number[]) => {
  expect(actual).toHaveLength(expected.length);
  // Half a digit of weights up to 1, twice.
  const furthest = Math.max(...actual.map((value, i) => Math.abs(value - expected[i]!)));
  expect(furthest).toBeLessThan(2.5e-7);
};

/** Adam's first step is the rate itself, but for its epsilon, whatever gradient the discriminator gives. */
const expectLengths = (moves: readonly number[], rate: number) => {
  const shares = moves.map((move) => Math.abs(move) / rate);
  expect(Math.min(...shares)).toBeGreaterThan(0.99);
  expect(Math.max(...shares)).toBeLessThan(1.001);
};

describe("learning rates", () => {
  test("are each network's own: twice the discriminator's moves it twice as far, and not the generator", async () => {
    const once = await firstMove({ gLearningRate: 1e-3, dLearningRate: 1e-3 });
    const twice = await firstMove({ gLearningRate: 1e-3, dLearningRate: 2e-3 });
    expect(Math.max(...once.d)).toBeCloseTo(1e-3, 6);
    expectClose(
      twice.d,
      once.d.map((value) => 2 * value),
    );
    for (const { g } of [once, twice]) expectLengths(g, 1e-3);
  });

  test("twice the generator's moves it twice as far, and the discriminator as before", async () => {
    const once = await firstMove({ gLearningRate: 1e-3, dLearningRate: 1e-3 });
    const twice = await firstMove({ gLearningRate: 2e-3, dLearningRate: 1e-3 });
    expectClose(
      twice.g,
      once.g.map((value) => 2 * value),
    );
    expect(twice.d).toEqual(once.d);
  });

  test("are half of themselves in the middle of a linear schedule", async () => {
    const options = { gLearningRate: 2e-3, dLearningRate: 4e-3, kimg: 0.08 };
    const peak = await firstMove({ ...options, schedule: "constant" }, 10);
    const middle = await firstMove({ ...options, schedule: "linear" }, 10);
    expectClose(
      middle.d.map((value) => 2 * value),
      peak.d,
    );
    expectLengths(peak.g, 2e-3);
    expectLengths(middle.g, 1e-3);
  });
});

describe("lazy R1", () => {
  test("is taken in the first step and in every r1Every-th after it, in no other", async () => {
    const { trainer } = await start({ r1: 2, r1Every: 3 });
    const penalties: number[] = [];
    for (let i = 0; i < 8; i++) {
      expect(trainer.step(batch)).toBeNull();
      penalties.push(trainer.takeStats().r1);
    }
    const taken = penalties.flatMap((r1, i) => (r1 > 0 ? [i] : []));
    expect(taken).toEqual([0, 3, 6]);
    expect(penalties.filter((r1) => r1 === 0)).toHaveLength(5);
  });

  test("goes by the run's step, also where it is resumed", async () => {
    const { state, trainer } = await start({ r1: 2, r1Every: 3 });
    state.step = 4;
    const penalties = [4, 5, 6].map(() => {
      trainer.step(batch);
      return trainer.takeStats().r1 > 0;
    });
    expect(penalties).toEqual([false, false, true]);
  });

  test("counts r1Every-fold, in the discriminator's loss and its gradient", async () => {
    const statsOf = async (options: object) => {
      const { trainer } = await start(options);
      trainer.step(batch);
      return trainer.takeStats();
    };
    const [none, once, every4] = [
      await statsOf({ r1: 0 }),
      await statsOf({ r1: 4, r1Every: 1 }),
      await statsOf({ r1: 4, r1Every: 4 }),
    ];
    expect(none.r1).toBe(0);
    expect(once.r1).toBeGreaterThan(0.01);
    expect(every4.r1 / once.r1).toBeCloseTo(4, 9);
    expect(once.dLoss - none.dLoss).toBeCloseTo(once.r1, 9);
    expect(every4.dLoss - none.dLoss).toBeCloseTo(every4.r1, 9);
    // As a step that takes four times the weight: the same gradient.
    const heavy = await statsOf({ r1: 16, r1Every: 1 });
    expect(every4.dGradientNorm).toBe(heavy.dGradientNorm);
    expect(every4.dGradientNorm).not.toBe(once.dGradientNorm);
  });
});

/**
 * Networks whose pictures are all alike, whatever is drawn: one real four times, and a generator that makes one grey. Then
 * all logits of a kind are their mean, which the statistics hold, and the losses follow from these.
 */
async function startAlike(extra: object = {}) {
  const { state, trainer } = await start({ gLearningRate: STILL, dLearningRate: STILL, ...extra });
  const { parameters } = state.generator;
  parameters.assign(new Float32Array(parameters.count));
  const grey = parameters.get("rgb/bias");
  grey.assign(tf.fill(grey.shape, 0.5));
  const one = batch.pixels.subarray(0, 16 * 16 * 3);
  const pixels = new Float32Array(batch.pixels.length);
  for (let i = 0; i < BATCH; i++) pixels.set(one, i * one.length);
  const reals = tf.tensor4d(pixels, [BATCH, 16, 16, 3]);
  const fakes = tf.fill([BATCH, 16, 16, 3], Math.tanh(0.5)) as Tensor4D;
  expect(trainer.step({ pixels, indices: batch.indices })).toBeNull();
  return { state, stats: trainer.takeStats(), reals, fakes };
}

const softplus = (z: number) => Math.log1p(Math.exp(z));

describe("an option reaches the step:", () => {
  test("the statistics hold the logits of reals and fakes", async () => {
    const { state, stats, reals, fakes } = await startAlike();
    const logit = (images: Tensor4D) =>
      discriminate(state.discriminator, images, { mode: "training" }).heads[0]!.dataSync()[0]!;
    expect(stats.realLogit).toBeCloseTo(logit(reals), 5);
    expect(stats.fakeLogit).toBeCloseTo(logit(fakes), 5);
    expect(Math.abs(stats.realLogit - stats.fakeLogit)).toBeGreaterThan(0.1);
  });

  test("loss, non-saturating", async () => {
    const { stats } = await startAlike({ loss: "non-saturating" });
    expect(stats.dLoss).toBeCloseTo(softplus(-stats.realLogit) + softplus(stats.fakeLogit), 5);
    expect(stats.gLoss).toBeCloseTo(softplus(-stats.fakeLogit), 5);
  });

  test("loss, hinge", async () => {
    const { stats } = await startAlike({ loss: "hinge" });
    const expected = Math.max(0, 1 - stats.realLogit) + Math.max(0, 1 + stats.fakeLogit);
    expect(stats.dLoss).toBeCloseTo(expected, 5);
    expect(stats.gLoss).toBeCloseTo(-stats.fakeLogit, 5);
  });

  test("labelSmoothing, of the reals' targets only", async () => {
    const { stats } = await startAlike({ labelSmoothing: 0.25 });
    const smoothed = 0.75 * softplus(-stats.realLogit) + 0.25 * softplus(stats.realLogit);
    expect(stats.dLoss).toBeCloseTo(smoothed + softplus(stats.fakeLogit), 5);
    expect(stats.gLoss).toBeCloseTo(softplus(-stats.fakeLogit), 5);
  });

  test("featureMatching, also of pictures that are not augmented", async () => {
    const { stats } = await startAlike({ featureMatching: 1, augment: "none" });
    const { stats: without } = await startAlike({ featureMatching: 0, augment: "none" });
    expect(stats.gLoss).toBeGreaterThan(without.gLoss);
    expect(stats.dLoss).toBe(without.dLoss);
  });

  test("featureMatching, in the generator's loss only, in proportion", async () => {
    const statsOf = async (featureMatching: number) =>
      (await startAlike({ featureMatching, augment: "translation" })).stats;
    const [once, twice, thrice] = [await statsOf(1), await statsOf(2), await statsOf(3)];
    const distance = twice.gLoss - once.gLoss;
    expect(distance).toBeGreaterThan(0.01);
    expect(thrice.gLoss - twice.gLoss).toBeCloseTo(distance, 5);
    expect(thrice.dLoss).toBe(once.dLoss);
  });

  test("augment, on reals and on fakes", async () => {
    const { stats: whole } = await startAlike();
    const { stats: moved } = await startAlike({ augment: "translation" });
    expect(Math.abs(moved.realLogit - whole.realLogit)).toBeGreaterThan(0.001);
    expect(Math.abs(moved.fakeLogit - whole.fakeLogit)).toBeGreaterThan(0.001);
  });

  test("emaKimg: with a half-life of one batch the average goes half of the way to the generator", async () => {
    const { state, trainer } = await start({ emaKimg: BATCH / 1000, gLearningRate: 0.01 });
    // Far enough into the run that the average no longer ramps up.
    state.step = 9999;
    const before = state.averaged.parameters.toFloat32();
    trainer.step(batch);
    const now = state.generator.parameters.toFloat32();
    expect(now).not.toEqual(before);
    const halfWay = Array.from(now, (value, i) => (value + before[i]!) / 2);
    expectClose(Array.from(state.averaged.parameters.toFloat32()), halfWay);
  });
});
