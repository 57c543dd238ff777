import { Float16Array } from "@petamoriken/float16";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { tf, useBackend } from "../../src/engine/index.ts";
import { fromFloat16Bytes } from "../../src/networks/float16.ts";
import { Parameters } from "../../src/networks/index.ts";
import { toFloat16Bytes } from "../../src/networks/to-float16.ts";

const specs = [
  { name: "a", shape: [2, 3] },
  { name: "b", shape: [2] },
];

beforeAll(async () => {
  await useBackend("cpu");
});

describe("Parameters", () => {
  test("hold tensors by name, in order, and give all values in one row", () => {
    const parameters = new Parameters(specs, ({ name }) =>
      name === "a" ? Float32Array.of(1, 2, 3, 4, 5, 6) : Float32Array.of(7, 8),
    );
    expect(parameters.count).toBe(8);
    expect(parameters.get("a").shape).toEqual([2, 3]);
    expect([...parameters.get("b").dataSync()]).toEqual([7, 8]);
    expect([...parameters.toFloat32()]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    parameters.assign(Float32Array.of(8, 7, 6, 5, 4, 3, 2, 1));
    expect([...parameters.toFloat32()]).toEqual([8, 7, 6, 5, 4, 3, 2, 1]);
    parameters.dispose();
  });

  test("free their tensors", () => {
    const before = tf.memory().numTensors;
    const parameters = new Parameters(specs, ({ name }) => new Float32Array(name === "a" ? 6 : 2));
    parameters.assign(new Float32Array(8));
    expect(tf.memory().numTensors).toBe(before + 2);
    parameters.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  test("refuse values that are too few, and names that are not theirs", () => {
    expect(() => new Parameters(specs, () => new Float32Array(6))).toThrow(
      expect.objectContaining({
        code: "MODEL_INVALID",
        message: 'Expected 2 values for "b" but received 6.',
      }),
    );
    const parameters = new Parameters(specs.slice(1), () => new Float32Array(2));
    expect(() => parameters.get("c")).toThrow(
      expect.objectContaining({ code: "MODEL_INVALID", message: 'Expected a tensor named "c".' }),
    );
    parameters.dispose();
  });
});

describe("16-bit weights", () => {
  test("keep what 16 bits can hold", () => {
    const values = Float32Array.of(0, 1, -2, 0.5, 65504, 6.103515625e-5);
    expect(fromFloat16Bytes(toFloat16Bytes(values))).toEqual(values);
    expect(toFloat16Bytes(Float32Array.of(1, -2))).toEqual(Uint8Array.of(0x00, 0x3c, 0x00, 0xc0));
  });

  test("are off by at most 0.05%", () => {
    const weight = fc.float({ min: Math.fround(6.2e-5), max: 60_000, noNaN: true });
    fc.assert(
      fc.property(weight, fc.boolean(), (size, isNegative) => {
        const value = isNegative ? -size : size;
        const [back] = fromFloat16Bytes(toFloat16Bytes(Float32Array.of(value)));
        expect(Math.abs(back! - value)).toBeLessThanOrEqual(Math.abs(value) * 5e-4);
      }),
    );
  });

  test("of every pattern are read as the reference reads them", () => {
    const patterns = Uint16Array.from({ length: 2 ** 16 }, (_, i) => i);
    const expected = new Float32Array(new Float16Array(patterns.buffer));
    expect(fromFloat16Bytes(new Uint8Array(patterns.buffer))).toEqual(expected);
  });

  test("are read from any offset", () => {
    const bytes = toFloat16Bytes(Float32Array.of(1, 2, 3));
    const shifted = new Uint8Array(7);
    shifted.set(bytes, 1);
    expect([...fromFloat16Bytes(shifted.subarray(1))]).toEqual([1, 2, 3]);
  });
});
