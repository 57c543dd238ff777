import { appendFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { seededRandom, type Tensor4D, tf, useBackend } from "../../../src/engine/index.ts";
import {
  initManipulationModel,
  loadManipulationModel,
  type ManipulationKind,
  manipulateFaces,
  manipulationModelFromWeights,
  saveManipulationModel,
} from "../../../src/networks/index.ts";

let folder = "";
beforeAll(async () => {
  await useBackend("wasm");
  folder = await mkdtemp(join(tmpdir(), "telltale-forger-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const networkOf = (kind: ManipulationKind) => ({ kind, resolution: 32, width: 4 });
const faces = (count: number): Tensor4D => {
  const random = seededRandom(count);
  return tf.tensor4d(
    Float32Array.from({ length: count * 32 * 32 * 3 }, () => random.between(-1, 1)),
    [count, 32, 32, 3],
  );
};

describe("a restorer", () => {
  test("begins by leaving pictures as they are", () => {
    const model = initManipulationModel(networkOf("restoration"), seededRandom(1));
    const x = faces(2);
    const y = manipulateFaces(model, x);
    expect(y.dataSync()).toEqual(x.dataSync());
    tf.dispose([x, y]);
    model.parameters.dispose();
  });
});

describe("a swapper", () => {
  test("makes another face of each through the other's decoder, within [-1, 1]", () => {
    const model = initManipulationModel(networkOf("swap"), seededRandom(1));
    const x = faces(2);
    const [a, b] = [manipulateFaces(model, x, "a"), manipulateFaces(model, x, "b")];
    expect(a.shape).toEqual([2, 32, 32, 3]);
    expect(Math.max(...a.dataSync().map(Math.abs))).toBeLessThanOrEqual(1);
    expect(a.dataSync()).not.toEqual(b.dataSync());
    tf.dispose([x, a, b]);
    model.parameters.dispose();
  });

  test("trains the encoder and one decoder by one person's faces, and leaves the other's alone", () => {
    const model = initManipulationModel(networkOf("swap"), seededRandom(1));
    const x = faces(1);
    const { grads, value } = tf.variableGrads(
      () => tf.mean(tf.square(manipulateFaces(model, x, "a"))),
      model.parameters.trained,
    );
    for (const { name } of model.parameters.specs) {
      const gradient = grads[model.parameters.get(name).name];
      const length = gradient === undefined ? 0 : Math.hypot(...gradient.dataSync());
      if (name.startsWith("b/")) expect(length, name).toBe(0);
      else expect(length, name).toBeGreaterThan(0);
    }
    tf.dispose([x, value, grads]);
    model.parameters.dispose();
  });
});

describe("a forger's folder", () => {
  const about = { steps: 7, margin: 1.3, trainedOn: ["studio"] };

  test.each(["restoration", "swap"] as const)("gives a %s back as it was, in 16 bits", async (kind) => {
    const model = initManipulationModel(networkOf(kind), seededRandom(2));
    await saveManipulationModel(join(folder, kind), model, about);
    const { model: loaded, manifest } = await loadManipulationModel(join(folder, kind));
    expect(manifest).toMatchObject({ network: networkOf(kind), ...about });
    const [before, after] = [model, loaded].map(({ parameters }) => parameters.toFloat32());
    expect(after!.length).toBe(before!.length);
    const apart = after!.map((value, i) => Math.abs(value - before![i]!));
    expect(apart.reduce((a, b) => Math.max(a, b))).toBeLessThan(1e-3);
    for (const { parameters } of [model, loaded]) parameters.dispose();
  });

  test("that is not there, is cut short or holds other weights is refused in one sentence", async () => {
    await expect(loadManipulationModel(join(folder, "none"))).rejects.toMatchObject({
      code: "MODEL_MISSING",
    });
    const model = initManipulationModel(networkOf("swap"), seededRandom(3));
    await saveManipulationModel(join(folder, "longer"), model, about);
    await appendFile(join(folder, "longer/forger.bin"), "x");
    await expect(loadManipulationModel(join(folder, "longer"))).rejects.toMatchObject({
      code: "MODEL_MISMATCH",
    });
    expect(() => manipulationModelFromWeights(networkOf("swap"), new Float32Array(3))).toThrow(
      `Expected ${model.parameters.count} values for a swap network but received 3.`,
    );
    model.parameters.dispose();
  });
});
