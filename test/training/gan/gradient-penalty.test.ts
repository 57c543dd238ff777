import { beforeAll, describe, expect, test } from "vitest";
import {
  leakyRelu,
  seededRandom,
  type Tensor,
  type Tensor4D,
  tf,
  useBackend,
} from "../../../src/engine/index.ts";
import { families } from "../../../src/networks/gan/families.ts";
import { initialValues, Parameters } from "../../../src/networks/parameters.ts";
import { r1Penalty } from "../../../src/training/gan/gradient-penalty.ts";

beforeAll(() => useBackend("cpu"));

const draw = (shape: number[], seed: number, scale = 1) => {
  const random = seededRandom(seed);
  return tf.tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => scale * random.normal()),
    shape,
  );
};
const values = (t: Tensor) => Array.from(t.dataSync() as Float32Array);

describe("R1", () => {
  test("of a linear judge w.x is weight / 2 * |w|^2, its gradient weight * w", () => {
    const w = tf.variable(draw([12], 1), true, "linear/w");
    const images = draw([4, 2, 2, 3], 2) as Tensor4D;
    const { value, gradients } = r1Penalty(images, (x) => tf.sum(tf.mul(tf.reshape(x, [4, 12]), w), 1), {
      weight: 3,
      variables: [w],
    });
    const length = values(tf.sum(tf.square(w)))[0]!;
    expect(value).toBeCloseTo(1.5 * length, 3);
    const expected = values(w).map((v) => 3 * v);
    for (const [i, g] of values(gradients[w.name]!).entries()) expect(g).toBeCloseTo(expected[i]!, 3);
    w.dispose();
  });

  test("of a quadratic judge a |x|^2 / 2 is weight / 2 * a^2 mean |x|^2, its gradient weight * a mean |x|^2", () => {
    const a = tf.variable(tf.scalar(0.7), true, "quadratic/a");
    const images = draw([3, 2, 2, 3], 3) as Tensor4D;
    const energy = values(images).reduce((sum, v) => sum + v * v, 0) / 3;
    const { value, gradients } = r1Penalty(
      images,
      (x) => tf.mul(tf.sum(tf.square(x), [1, 2, 3]), tf.mul(a, 0.5)),
      { weight: 2, variables: [a] },
    );
    expect(value).toBeCloseTo(0.49 * energy, 3);
    expect(values(gradients[a.name]!)[0]).toBeCloseTo(2 * 0.7 * energy, 2);
    a.dispose();
  });

  test("of two layers with a leaky ReLU has the gradient that moving each weight shows", () => {
    const first = tf.variable(draw([12, 5], 4, 0.3), true, "two/first");
    const second = tf.variable(draw([5, 1], 5, 0.5), true, "two/second");
    const images = draw([4, 2, 2, 3], 6) as Tensor4D;
    const judge = (x: Tensor4D) =>
      tf.matMul(leakyRelu(tf.matMul(tf.reshape(x, [4, 12]), first)), second as unknown as Tensor4D);
    const penalty = () => r1Penalty(images, judge, { weight: 1, variables: [first, second] });
    const { gradients } = penalty();
    const moved = (delta: number) => {
      const before = second.clone();
      second.assign(tf.add(second, tf.tensor2d([0, delta, 0, 0, 0], [5, 1])));
      const { value } = penalty();
      second.assign(before);
      return value;
    };
    const slope = (moved(1e-2) - moved(-1e-2)) / 2e-2;
    expect(values(gradients[second.name]!)[1]).toBeCloseTo(slope, 2);
    tf.dispose([first, second]);
  });

  test("of a whole discriminator frees what it used", () => {
    const network = {
      architecture: "style",
      resolution: 16,
      width: 2,
      maxChannels: 4,
      latent: 8,
      classes: 0,
    } as const;
    const random = seededRandom(1);
    const p = new Parameters(families.style.discriminatorSpecs(network), (s) => initialValues(s, random));
    const images = draw([4, 16, 16, 3], 7) as Tensor4D;
    const before = tf.memory().numTensors;
    const { value, gradients } = r1Penalty(
      images,
      (x) => families.style.discriminate(p, network, x, { mode: "training" }).heads[0]!,
      { weight: 1, variables: p.trained },
    );
    expect(value).toBeGreaterThan(0);
    expect(tf.memory().numTensors - before).toBe(Object.keys(gradients).length);
    tf.dispose(gradients);
    p.dispose();
  });
});
