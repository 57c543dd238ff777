import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { seededRandom, type Tensor, type Tensor4D, tf, useBackend } from "../../src/engine/index.ts";

interface Case {
  readonly kind: "convolution" | "depthwise";
  readonly height: number;
  readonly width: number;
  readonly kernel: number;
  readonly stride: number;
  readonly pad: "same" | "valid";
}

const [batch, channels, outChannels] = [2, 3, 4];

beforeAll(async () => {
  for (const backend of ["cpu", "wasm"] as const) await useBackend(backend);
});

/** dX and dW of a random linear function of the layer's output. */
async function gradientsOn(backend: "wasm" | "cpu", c: Case): Promise<readonly Float32Array[]> {
  await tf.setBackend(backend);
  const random = seededRandom(c.height, c.width, c.kernel, c.stride);
  const draw = (shape: number[]) =>
    tf.tensor(
      Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal()),
      shape,
    );
  return tf.tidy(() => {
    const x = draw([batch, c.height, c.width, channels]);
    const filter = draw([c.kernel, c.kernel, channels, c.kind === "convolution" ? outChannels : 1]);
    const layer = (input: Tensor, weights: Tensor) =>
      c.kind === "convolution"
        ? tf.conv2d(input as Tensor4D, weights as Tensor4D, c.stride, c.pad)
        : tf.depthwiseConv2d(input as Tensor4D, weights as Tensor4D, c.stride, c.pad);
    const dy = draw(layer(x, filter).shape);
    const [dx, dw] = tf.grads((input, weights) => tf.sum(tf.mul(layer(input!, weights!), dy)))([x, filter]);
    return [dx!.dataSync() as Float32Array, dw!.dataSync() as Float32Array];
  });
}

/** Largest difference as a share of the largest value. */
function relativeError(actual: Float32Array, expected: Float32Array): number {
  const peak = expected.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  const gap = expected.reduce((max, value, i) => Math.max(max, Math.abs(value - actual[i]!)), 0);
  return gap / peak;
}

async function expectSameGradients(c: Case): Promise<void> {
  const [wasm, cpu] = [await gradientsOn("wasm", c), await gradientsOn("cpu", c)];
  expect(wasm.map((part) => part.length)).toEqual(cpu.map((part) => part.length));
  expect(relativeError(wasm[0]!, cpu[0]!)).toBeLessThan(1e-4);
  expect(relativeError(wasm[1]!, cpu[1]!)).toBeLessThan(1e-4);
}

const named: readonly (readonly [string, Case])[] = (["convolution", "depthwise"] as const).flatMap((kind) =>
  [1, 3].flatMap((kernel) =>
    [1, 2].flatMap((stride) =>
      (["same", "valid"] as const).flatMap((pad) =>
        (
          [
            [8, 6],
            [7, 5],
          ] as const
        ).map(([height, width]): readonly [string, Case] => [
          `a ${kernel}x${kernel} ${kind} of ${height}x${width}, stride ${stride}, '${pad}'`,
          { kind, height, width, kernel, stride, pad },
        ]),
      ),
    ),
  ),
);

describe("the gradients that are registered for wasm equal those of plain JavaScript", () => {
  test.each(named)("for %s", async (_, c) => {
    await expectSameGradients(c);
  });

  test("for any layer", async () => {
    const anyCase = fc
      .record({
        kind: fc.constantFrom("convolution", "depthwise"),
        height: fc.integer({ min: 1, max: 12 }),
        width: fc.integer({ min: 1, max: 12 }),
        kernel: fc.integer({ min: 1, max: 5 }),
        stride: fc.integer({ min: 1, max: 3 }),
        pad: fc.constantFrom("same", "valid"),
      })
      .filter((c) => c.pad === "same" || Math.min(c.height, c.width) >= c.kernel);
    await fc.assert(
      fc.asyncProperty(anyCase, async (c) => expectSameGradients(c)),
      { numRuns: 40 },
    );
  });
});

test("a gradient frees what it used on the way", async () => {
  const c: Case = { kind: "depthwise", height: 7, width: 8, kernel: 3, stride: 2, pad: "same" };
  const before = tf.memory().numTensors;
  await gradientsOn("wasm", c);
  await gradientsOn("wasm", { ...c, kind: "convolution" });
  expect(tf.memory().numTensors).toBe(before);
});
