import { beforeAll, describe, expect, test } from "vitest";
import {
  fastestPrecision,
  seededRandom,
  type Tensor4D,
  tf,
  useBackend,
  withPrecision,
} from "../../src/engine/index.ts";
import { backendsHere } from "./backends.ts";

const random = seededRandom(16);
const draw = (...shape: [number, number, number, number]) =>
  tf.tensor4d(
    Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => random.normal()),
    shape,
  );

/** Value and both gradients of a convolution, as plain numbers. */
function convolve(x: Tensor4D, filter: Tensor4D, strides: 1 | 2): Float32Array[] {
  const tensors = tf.tidy(() => {
    const y = tf.conv2d(x, filter, strides, "same");
    const [dx, df] = tf.grads((a, b) => tf.conv2d(a as Tensor4D, b as Tensor4D, strides, "same"))(
      [x, filter],
      y,
    );
    return [y, dx!, df!];
  });
  const values = tensors.map((tensor) => tensor.dataSync() as Float32Array);
  tf.dispose(tensors);
  return values;
}

/** Length of the difference as a share of the length. */
const apart = (a: Float32Array, b: Float32Array) =>
  Math.hypot(...a.map((value, i) => value - b[i]!)) / Math.hypot(...a);

describe.runIf(backendsHere.includes("tensorflow"))("bfloat16 convolutions of the native backend", () => {
  beforeAll(() => useBackend("tensorflow"));

  test.each([1, 2] as const)("are float32's but for three digits, gradients too, at stride %i", (strides) => {
    const [x, filter] = [draw(2, 8, 8, 16), draw(3, 3, 16, 8)];
    const exact = convolve(x, filter, strides);
    const before = tf.memory().numTensors;
    const rounded = withPrecision("bfloat16", () => convolve(x, filter, strides));
    expect(tf.memory().numTensors).toBe(before);
    for (const [i, values] of rounded.entries()) {
      expect(apart(exact[i]!, values)).toBeGreaterThan(0);
      expect(apart(exact[i]!, values)).toBeLessThan(0.01);
    }
    tf.dispose([x, filter]);
  });

  test("end with what they were asked for, even by an error", () => {
    const [x, filter] = [draw(1, 8, 8, 16), draw(3, 3, 16, 8)];
    const exact = convolve(x, filter, 1);
    const fail = () =>
      withPrecision("bfloat16", () => {
        throw new Error("stop");
      });
    expect(fail).toThrow("stop");
    expect(convolve(x, filter, 1)).toEqual(exact);
    tf.dispose([x, filter]);
  });
});

test("on another backend convolutions stay float32, and that is the fastest there", async () => {
  await useBackend("wasm");
  const [x, filter] = [draw(1, 8, 8, 16), draw(3, 3, 16, 8)];
  const exact = tf.conv2d(x, filter, 1, "same").dataSync();
  const asked = withPrecision("bfloat16", () => tf.conv2d(x, filter, 1, "same").dataSync());
  expect(asked).toEqual(exact);
  expect(fastestPrecision()).toBe("float32");
});
