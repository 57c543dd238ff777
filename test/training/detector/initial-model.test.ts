import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { seededRandom, tf, useBackend } from "../../../src/engine/index.ts";
import {
  initDiscriminator,
  initGanDiscriminator,
  logits,
  saveGanNetwork,
  saveModel,
} from "../../../src/networks/index.ts";
import { AdamW } from "../../../src/training/adamw.ts";
import { trainStep } from "../../../src/training/detector/detector-step.ts";
import { describeInitialModel, loadInitialModel } from "../../../src/training/detector/initial-model.ts";

const network = {
  architecture: "big",
  resolution: 32,
  width: 4,
  maxChannels: 8,
  latent: 16,
  classes: 0,
} as const;

let run: string;
beforeAll(async () => {
  await useBackend("wasm");
  run = await mkdtemp(join(tmpdir(), "telltale-start-"));
  const { architecture, parameters } = await initGanDiscriminator("own", network, seededRandom(1));
  const common = { kimg: 1, crop: "face" as const, margin: 1.3, trainedOn: ["test"] };
  await saveGanNetwork(join(run, "networks"), "discriminator", parameters.toFloat32(), {
    architecture,
    network,
    ...common,
  });
});
afterAll(() => rm(run, { recursive: true, force: true }));

describe("a GAN's discriminator to start from", () => {
  test("learns to tell bright faces from dark ones", async () => {
    const discriminator = await loadInitialModel({ from: run, seed: 1 });
    expect(discriminator.architecture).toBe("big");
    const optimizer = new AdamW(discriminator.parameters.variables, { weightDecay: 0 });
    const random = seededRandom(2);
    const size = 32 * 32 * 3;
    const classes = Uint8Array.of(0, 1, 0, 1);
    const faces = Uint8Array.from(
      { length: 4 * size },
      (_, i) => random.integer(100) + (Math.floor(i / size) % 2) * 120,
    );
    const options = { size: 32, learningRate: 3e-3, clipNorm: 1, dropout: 0, labelSmoothing: 0, seed: 1 };
    // A GAN's discriminator has no localization head.
    const batch = { faces, classes, maps: new Float32Array(16), mapWeights: new Float32Array(4).fill(1) };
    const losses = Array.from({ length: 12 }, () => trainStep(discriminator, optimizer, batch, options));
    expect(losses.at(-1)).toBeLessThan(losses[0]! * 0.8);
    optimizer.dispose();
    discriminator.parameters.dispose();
  });

  test("judges a face the same whatever is beside it", async () => {
    const discriminator = await initGanDiscriminator(
      "own",
      { ...network, architecture: "style" },
      seededRandom(1),
    );
    const faces = tf.tensor4d(
      Float32Array.from({ length: 4 * 32 * 32 * 3 }, () => 100),
      [4, 32, 32, 3],
    );
    const one = tf.slice(faces, 0, 1) as typeof faces;
    const [alone, beside] = [one, tf.concat([one, tf.mul(tf.slice(faces, 1), 2)])].map(
      (x) => logits(discriminator, x as typeof faces, "inference").dataSync()[0]!,
    );
    expect(beside).toBeCloseTo(alone!, 4);
  });

  test("says which crop it was trained on, and the only size that it takes", async () => {
    const ofGan = { crop: { sizePx: 32, margin: 1.3 }, onlySizePx: 32 };
    expect(await describeInitialModel(run)).toEqual(ofGan);
    expect(await describeInitialModel(join(run, "networks"))).toEqual(ofGan);
  });
});

describe("a model to start from", () => {
  test("is found in its own folder and in a run's, with its crop, and starts with its weights", async () => {
    const trained = await initDiscriminator("random", seededRandom(3));
    const values = trained.parameters.toFloat32();
    const crop = { sizePx: 96, margin: 1.4 };
    const thresholds = { forgedBelow: 0.3, authenticAbove: 0.6, measuredFpr: null, measuredOn: "nothing" };
    await saveModel(join(run, "detector/model"), values, {
      ...{ name: "face", version: "0.0.1", architecture: "mobilenet-v1", crop, minFacePx: 48 },
      ...{ calibration: { scale: 1, bias: 0 }, thresholds: { image: thresholds, video: thresholds } },
      trainedOn: [],
    });
    for (const from of [join(run, "detector"), join(run, "detector/model")]) {
      expect(await describeInitialModel(from)).toEqual({ crop, onlySizePx: null });
      const { architecture, parameters } = await loadInitialModel({ from, seed: 1 });
      expect(architecture).toBe("mobilenet-v1");
      const loaded = parameters.toFloat32();
      const worst = values.reduce((most, value, i) => Math.max(most, Math.abs(value - loaded[i]!)), 0);
      // Stored in 16 bits.
      expect(worst).toBeLessThan(2e-3);
      parameters.dispose();
    }
    trained.parameters.dispose();
  });

  test("that is not there is MODEL_MISSING", async () => {
    await expect(describeInitialModel(join(run, "nowhere"))).rejects.toMatchObject({ code: "MODEL_MISSING" });
  });
});

test("new networks have no crop, and a seed decides their heads", async () => {
  for (const from of ["pretrained", "random"]) {
    expect(await describeInitialModel(from)).toEqual({ crop: null, onlySizePx: null });
  }
  const heads = [];
  for (const seed of [1, 1, 2]) {
    const { parameters } = await loadInitialModel({ from: "pretrained", seed });
    heads.push([...parameters.get("classes/kernel").dataSync()]);
    parameters.dispose();
  }
  expect(heads[1]).toEqual(heads[0]);
  expect(heads[2]).not.toEqual(heads[0]);
});
