import { beforeAll, describe, expect, test } from "vitest";
import { tf, useBackend } from "../../../src/engine/index.ts";
import { AdamW } from "../../../src/training/adamw.ts";
import { discriminatorLoss, generatorLoss } from "../../../src/training/gan/losses.ts";
import { emaDecay, rateShare, stageAt } from "../../../src/training/gan/schedules.ts";
import { ShuffledSampler } from "../../../src/training/gan/shuffled-sampler.ts";

beforeAll(() => useBackend("cpu"));

describe("schedules", () => {
  test("the average halves over its half-life", () => {
    const decay = emaDecay({ emaKimg: 10, kimg: 1000, batch: 32 });
    expect(decay ** (10_000 / 32)).toBeCloseTo(0.5, 10);
  });

  test("early on the average follows within a twentieth of the run so far", () => {
    const decay = emaDecay({ emaKimg: 10, kimg: 20, batch: 32 });
    expect(decay ** (1000 / 32)).toBeCloseTo(0.5, 10);
  });

  test("progressive stays at 4, then fades each level in and stays", () => {
    const options = { growKimg: 10, resolution: 16 };
    expect(stageAt(5, options)).toEqual({ side: 4, fade: 1 });
    expect(stageAt(15, options)).toEqual({ side: 8, fade: 0.5 });
    expect(stageAt(25, options)).toEqual({ side: 8, fade: 1 });
    expect(stageAt(32.5, options)).toEqual({ side: 16, fade: 0.25 });
    expect(stageAt(999, options)).toEqual({ side: 16, fade: 1 });
  });

  test("learning rates end at nothing where they are asked to", () => {
    expect(rateShare("constant", 1)).toBe(1);
    expect(rateShare("linear", 0.25)).toBe(0.75);
    expect(rateShare("cosine", 1)).toBeCloseTo(0, 12);
  });
});

describe("the order of pictures", () => {
  test("has each picture once an epoch", () => {
    const order = new ShuffledSampler(10, { seed: 1, batch: 5 });
    const epoch = [...order.at(0), ...order.at(1)].sort((a, b) => a - b);
    expect(epoch).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test("is a function of seed and step", () => {
    const [a, b] = [1, 2].map((seed) => new ShuffledSampler(100, { seed, batch: 32 }));
    const again = new ShuffledSampler(100, { seed: 1, batch: 32 });
    expect(again.at(7)).toEqual(a!.at(7));
    expect(b!.at(7)).not.toEqual(a!.at(7));
  });
});

describe("losses of one logit", () => {
  const of = (logit: number) => ({ heads: [tf.tensor2d([[logit]])], features: tf.zeros([1, 1]) as never });
  const value = (t: { dataSync(): ArrayLike<number> }) => t.dataSync()[0]!;
  const softplus = (x: number) => Math.log1p(Math.exp(x));

  test("non-saturating is the cross-entropy", () => {
    expect(value(discriminatorLoss("non-saturating", of(2), of(-1)))).toBeCloseTo(
      softplus(-2) + softplus(-1),
      5,
    );
    expect(value(generatorLoss("non-saturating", of(-1)))).toBeCloseTo(softplus(1), 5);
  });

  test("smoothing lowers the target of reals only", () => {
    const smoothed = 0.9 * softplus(-2) + 0.1 * softplus(2) + softplus(-1);
    expect(value(discriminatorLoss("non-saturating", of(2), of(-1), 0.1))).toBeCloseTo(smoothed, 5);
  });

  test("hinge gains nothing beyond the margin", () => {
    expect(value(discriminatorLoss("hinge", of(1.5), of(-3)))).toBe(0);
    expect(value(discriminatorLoss("hinge", of(0.25), of(0.5)))).toBeCloseTo(0.75 + 1.5, 6);
    expect(value(generatorLoss("hinge", of(-2)))).toBe(2);
  });
});

describe("AdamW", () => {
  test("moves by the learning rate against the gradient's sign in a tensor's first step, however late it comes", () => {
    const [a, b] = [0, 0].map((v, i) => tf.variable(tf.tensor1d([v, v]), true, `adam/${i}`));
    const adam = new AdamW([a!, b!], { beta1: 0, beta2: 0.99 });
    const gradient = tf.tensor1d([3, -0.1]);
    for (let i = 0; i < 50; i++) adam.apply([gradient, undefined], { learningRate: 0.1 });
    expect(Array.from(b!.dataSync())).toEqual([0, 0]);
    adam.apply([gradient, gradient], { learningRate: 0.1 });
    expect(b!.dataSync()[0]).toBeCloseTo(-0.1, 5);
    expect(b!.dataSync()[1]).toBeCloseTo(0.1, 5);
    expect(adam.counts).toEqual([51, 1]);
    adam.dispose();
    tf.dispose([a!, b!]);
  });
});
