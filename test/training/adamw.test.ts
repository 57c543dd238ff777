import { beforeAll, describe, expect, test } from "vitest";
import { tf, useBackend } from "../../src/engine/index.ts";
import { Parameters } from "../../src/networks/index.ts";
import { AdamW } from "../../src/training/adamw.ts";

const specs = [
  { name: "kernel", shape: [2, 1] },
  { name: "bias", shape: [1] },
];
const initial = { kernel: Float32Array.of(1, -2), bias: Float32Array.of(0.5) };
const gradients = [
  [0.1, -0.2, 0.3],
  [0.4, 0.2, -0.1],
  [-0.3, 0.1, 0.05],
];

beforeAll(async () => {
  await useBackend("cpu");
});

function start(weightDecay: number) {
  const parameters = new Parameters(specs, ({ name }) => initial[name as "kernel" | "bias"]);
  return { parameters, optimizer: new AdamW(parameters.variables, { weightDecay }) };
}

function step(
  { parameters, optimizer }: ReturnType<typeof start>,
  g: readonly number[],
  options: { learningRate: number; gradientScale?: number },
): number[] {
  tf.tidy(() => optimizer.apply([tf.tensor2d([[g[0]!], [g[1]!]]), tf.tensor1d([g[2]!])], options));
  return [...parameters.toFloat32()];
}

/** The update as Loshchilov & Hutter write it, in double precision. */
function reference(options: { learningRate: number; weightDecay: number; scale?: number }): number[][] {
  const weights = [1, -2, 0.5];
  const [m, v] = [
    [0, 0, 0],
    [0, 0, 0],
  ];
  return gradients.map((row, t) => {
    weights.forEach((w, i) => {
      const g = row[i]! * (options.scale ?? 1);
      m[i] = 0.9 * m[i]! + 0.1 * g;
      v[i] = 0.999 * v[i]! + 0.001 * g * g;
      const update = m[i]! / (1 - 0.9 ** (t + 1)) / (Math.sqrt(v[i]! / (1 - 0.999 ** (t + 1))) + 1e-8);
      const decay = i < 2 ? options.weightDecay * w : 0;
      weights[i] = w - options.learningRate * (update + decay);
    });
    return [...weights];
  });
}

describe("AdamW", () => {
  test("moves every weight by the learning rate in its first step, and decays kernels only", () => {
    const state = start(0.5);
    const [a, b, c] = step(state, gradients[0]!, { learningRate: 0.1 });
    expect(a).toBeCloseTo(1 - 0.1 * 0.5 * 1 - 0.1, 5);
    expect(b).toBeCloseTo(-2 + 0.1 * 0.5 * 2 + 0.1, 5);
    expect(c).toBeCloseTo(0.5 - 0.1, 5);
  });

  test.each([
    [0.1, 0],
    [0.01, 0.02],
    [0.05, 0.5],
  ])("takes three steps as the paper's (learning rate %d, decay %d)", (learningRate, weightDecay) => {
    const state = start(weightDecay);
    const steps = gradients.map((g) => step(state, g, { learningRate }));
    const expected = reference({ learningRate, weightDecay });
    for (const [i, value] of steps.flat().entries()) expect(value).toBeCloseTo(expected.flat()[i]!, 5);
    expect(state.optimizer.counts).toEqual([3, 3]);
  });

  test("scales the gradients that it is told to scale", () => {
    const state = start(0);
    const steps = gradients.map((g) => step(state, g, { learningRate: 0.1, gradientScale: 0.25 }));
    const expected = reference({ learningRate: 0.1, weightDecay: 0, scale: 0.25 });
    for (const [i, value] of steps.flat().entries()) expect(value).toBeCloseTo(expected.flat()[i]!, 5);
  });

  test("goes on from what it gave away as if nothing had been", () => {
    const [whole, first] = [start(0.02), start(0.02)];
    const expected = gradients.map((g) => step(whole, g, { learningRate: 0.1 }));
    step(first, gradients[0]!, { learningRate: 0.1 });
    const second = start(0.02);
    second.parameters.assign(first.parameters.toFloat32());
    second.optimizer.assign(...first.optimizer.toFloat32(), first.optimizer.counts);
    expect(step(second, gradients[1]!, { learningRate: 0.1 })).toEqual(expected[1]);
    expect(step(second, gradients[2]!, { learningRate: 0.1 })).toEqual(expected[2]);
  });

  test("leaves no tensors behind", () => {
    const before = tf.memory().numTensors;
    const state = start(0.02);
    const between = tf.memory().numTensors;
    expect(between - before).toBe(6);
    step(state, gradients[0]!, { learningRate: 0.1 });
    expect(tf.memory().numTensors).toBe(between);
    state.parameters.dispose();
    state.optimizer.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });
});
