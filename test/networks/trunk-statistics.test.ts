import { beforeAll, describe, expect, test } from "vitest";
import { seededRandom, type Tensor2D, type Tensor4D, tf, useBackend } from "../../src/engine/index.ts";
import { trunkMaps } from "../../src/networks/face-trunk.ts";
import {
  classLogits,
  type Discriminator,
  logits,
  STATISTICS_COUNT,
  setStandard,
  startDiscriminator,
  trainedVariables,
  trunkStatistics,
} from "../../src/networks/index.ts";

let discriminator: Discriminator;
let faces: Tensor4D;

beforeAll(async () => {
  await useBackend("wasm");
  discriminator = await startDiscriminator("face-trunk", seededRandom(1), "trunk-statistics");
  faces = tf.randomUniform([3, 64, 64, 3], 0, 255, "float32", 7);
});

describe("statistics of the face", () => {
  test("are those of the middle three quarters of each map, and its head tells three classes apart", async () => {
    const face = await startDiscriminator("face-trunk", seededRandom(1), "trunk-face");
    const large = tf.randomUniform([2, 256, 256, 3], 0, 255, "float32", 8) as Tensor4D;
    const rows = trunkStatistics(face.parameters, large, "inference");
    expect(rows.shape).toEqual([2, STATISTICS_COUNT]);
    // The last block: 8 x 8 cells, of which the middle has 6 x 6; its means stand before its deviations.
    const [last] = trunkMaps(face.parameters, large, "inference", [13]);
    const means = tf.mean(tf.slice(last!, [0, 1, 1, 0], [-1, 6, 6, -1]), [1, 2]);
    const own = tf.slice(rows, [0, STATISTICS_COUNT - 2048], [-1, 1024]);
    expect(tf.max(tf.abs(tf.sub(own, means))).dataSync()[0]).toBeLessThan(1e-4);
    const whole = trunkStatistics(discriminator.parameters, large, "inference");
    expect(tf.max(tf.abs(tf.sub(rows, whole))).dataSync()[0]).toBeGreaterThan(0.1);
    expect(classLogits(face, large, "inference").shape).toEqual([2, 3]);
  });
});

describe("the trunk's statistics", () => {
  test("are means and deviations over space of every channel, block after block", () => {
    const statistics = trunkStatistics(discriminator.parameters, faces, "inference").arraySync();
    expect(statistics[0]).toHaveLength(STATISTICS_COUNT);
    const [second, last] = trunkMaps(discriminator.parameters, faces, "inference", [2, 13]);
    const of = (map: Tensor4D, face: number) => {
      const values = map.arraySync()[face]!.flat();
      return values[0]!.map((_, c) => {
        const channel = values.map((cell) => cell[c]!);
        const mean = channel.reduce((a, b) => a + b, 0) / channel.length;
        return {
          mean,
          deviation: Math.sqrt(channel.reduce((a, b) => a + (b - mean) ** 2, 0) / channel.length),
        };
      });
    };
    for (const [face, row] of statistics.entries()) {
      of(second!, face).forEach(({ mean, deviation }, c) => {
        expect(row[c]).toBeCloseTo(mean, 4);
        expect(Math.abs(row[128 + c]! - deviation)).toBeLessThan(2e-3);
      });
      of(last!, face).forEach(({ mean }, c) => {
        expect(row[STATISTICS_COUNT - 2048 + c]).toBeCloseTo(mean, 4);
      });
    }
  });

  test("are standardised by those of the faces that they are set by", () => {
    const { parameters } = discriminator;
    setStandard(parameters, trunkStatistics(parameters, faces, "inference"));
    const rows = trunkStatistics(parameters, faces, "inference") as Tensor2D;
    const standard = parameters.get("statistics/mean").arraySync() as number[];
    const column = STATISTICS_COUNT - 2048 - 700;
    const values = (rows.arraySync() as number[][]).map((row) => row[column]!);
    expect(standard[column]).toBeCloseTo(values.reduce((a, b) => a + b, 0) / 3, 4);
    expect(Math.min(...(parameters.get("statistics/deviation").dataSync() as Float32Array))).toBeGreaterThan(
      9e-4,
    );
  });

  test("say the same of a face whatever is beside it", () => {
    const alone = logits(discriminator, tf.slice(faces, 0, 1), "inference").dataSync()[0]!;
    expect(logits(discriminator, faces, "inference").dataSync()[0]).toBeCloseTo(alone, 4);
  });

  test("a frozen trunk leaves four tensors to train, a trained one all but the standard", () => {
    expect(trainedVariables(discriminator, "frozen").map(({ shape }) => shape)).toEqual([
      [STATISTICS_COUNT, 256],
      [256],
      [256, 1],
      [1],
    ]);
    expect(trainedVariables(discriminator, "trained")).toHaveLength(
      discriminator.parameters.specs.length - 2,
    );
  });

  test("a frozen trunk is computed alike in training and in use", () => {
    const [training, frozen] = (["trained", "frozen"] as const).map(
      (trunk) => logits(discriminator, faces, "training", { trunk }).dataSync() as Float32Array,
    );
    training!.forEach((logit, i) => {
      expect(frozen![i]).toBeCloseTo(logit, 3);
    });
  });
});
