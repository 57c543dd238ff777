import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { seededRandom, type Tensor2D, tf, useBackend } from "../../src/engine/index.ts";
import {
  DIRECTIONS,
  type Discriminator,
  rescaleSynthesisForm,
  STATISTICS_COUNT,
  setSynthesisForm,
  standardise,
  startDiscriminator,
  synthesisLogits,
  trainedVariables,
} from "../../src/networks/index.ts";
import { slopesOf } from "../../src/networks/statistics-activation.ts";
import { synthesisPenalty } from "../../src/networks/synthesis-form.ts";
import { logitOfClasses, statisticsClasses, statisticsLogits } from "../../src/networks/trunk-statistics.ts";

const random = seededRandom(5);
const normals = (count: number, deviation: number) =>
  Float32Array.from({ length: count }, () => deviation * random.normal());
const form = {
  directions: normals(STATISTICS_COUNT * DIRECTIONS, 0.1),
  weights: normals(DIRECTIONS, 0.5),
  line: normals(STATISTICS_COUNT, 0.5),
  bias: 0.7,
};

let network: Discriminator;
let rows: Tensor2D;

beforeAll(async () => {
  await useBackend("wasm");
  network = await startDiscriminator("face-trunk", seededRandom(1), "trunk-synthesis");
  rows = tf.tensor2d(normals(6 * STATISTICS_COUNT, 1), [6, STATISTICS_COUNT]);
});
afterAll(() => {
  network.parameters.dispose();
  rows.dispose();
});

const valuesOf = (of: (parameters: Discriminator["parameters"], rows: Tensor2D) => unknown, x = rows) => [
  ...(of(network.parameters, x) as Tensor2D).dataSync(),
];

describe("the form that looks for synthesised faces", () => {
  test("says nothing before it is fitted", () => {
    expect(valuesOf(synthesisLogits)).toEqual([0, 0, 0, 0, 0, 0]);
    const ofClasses = valuesOf((p, x) => logitOfClasses(statisticsClasses(p, x)));
    expect(valuesOf(statisticsLogits)).toEqual(ofClasses);
  });

  test("is a weighted sum of squares along its directions, a line and a bias, of rows of length 1", () => {
    setSynthesisForm(network.parameters, form);
    const expected = (rows.arraySync() as number[][]).map((row) => {
      const length = Math.hypot(...row);
      const x = row.map((value) => value / length);
      let sum = form.bias;
      for (let k = 0; k < DIRECTIONS; k++) {
        let along = 0;
        for (let i = 0; i < x.length; i++) along += x[i]! * form.directions[i * DIRECTIONS + k]!;
        sum += form.weights[k]! * along ** 2;
      }
      for (let i = 0; i < x.length; i++) sum += x[i]! * form.line[i]!;
      return sum;
    });
    valuesOf(synthesisLogits).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 4);
    });
    valuesOf(synthesisLogits, tf.mul(rows, 7) as Tensor2D).forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i]!, 4);
    });
    expect(expected.some((value) => value < 0) && expected.some((value) => value > 0)).toBe(true);
  });

  test("speaks against faces and never for one, beside the head of classes", () => {
    const said = valuesOf(synthesisLogits);
    const penalties = valuesOf(synthesisPenalty);
    said.forEach((value, i) => {
      expect(penalties[i]).toBeCloseTo(Math.min(0, value), 4);
    });
    const together = valuesOf(statisticsLogits);
    const standardised = valuesOf((p, x) => synthesisPenalty(p, standardise(p, x)));
    valuesOf((p, x) => logitOfClasses(statisticsClasses(p, x))).forEach((value, i) => {
      expect(together[i]).toBeCloseTo(value + standardised[i]!, 4);
    });
  });

  test("bends the logit, beside the head of classes, as small changes of the statistics show", () => {
    const slopes = slopesOf(network.parameters, rows);
    const step = tf.tensor2d(normals(6 * STATISTICS_COUNT, 1), [6, STATISTICS_COUNT]);
    const at = (by: number) => valuesOf(statisticsLogits, tf.add(rows, tf.mul(step, by)) as Tensor2D);
    const [up, down] = [at(0.01), at(-0.01)];
    const predicted = tf.sum(tf.mul(slopes, step), 1).dataSync();
    predicted.forEach((value, i) => {
      // Some of the 256 hidden units switch on or off between the two.
      expect(Math.abs(value - (up[i]! - down[i]!) / 0.02)).toBeLessThan(0.02);
    });
    expect(Math.max(...predicted.map(Math.abs))).toBeGreaterThan(0.1);
  });

  test("leaves the slopes to the head of classes where it says nothing against a face", () => {
    const ofClasses = tf.grad((x) =>
      tf.sum(logitOfClasses(statisticsClasses(network.parameters, x as Tensor2D))),
    )(rows);
    const added = tf.sub(slopesOf(network.parameters, rows), ofClasses);
    const most = [...tf.max(tf.abs(added), 1).dataSync()];
    const said = valuesOf(synthesisLogits);
    expect(most.map((value) => value > 0)).toEqual(said.map((value) => value < 0));
  });

  test("is brought to another scale, and silenced by 0", () => {
    const before = valuesOf(synthesisLogits);
    rescaleSynthesisForm(network.parameters, { scale: 2, bias: -1 });
    valuesOf(synthesisLogits).forEach((value, i) => {
      expect(value).toBeCloseTo(2 * before[i]! - 1, 4);
    });
    rescaleSynthesisForm(network.parameters, { scale: 0, bias: 0 });
    expect(valuesOf(synthesisPenalty).map((value) => value + 0)).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test("is not moved by gradients", () => {
    const trained = new Set(trainedVariables(network, "frozen"));
    const names = network.parameters.specs
      .map(({ name }) => name)
      .filter((name) => trained.has(network.parameters.get(name)));
    expect(names).toEqual(["head/hidden/kernel", "head/hidden/bias", "head/kernel", "head/bias"]);
  });
});
