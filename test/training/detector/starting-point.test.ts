import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { seededRandom, tf, useBackend } from "../../../src/engine/index.ts";
import { logits, saveGanNetwork, startGanDiscriminator } from "../../../src/networks/index.ts";
import { AdamW } from "../../../src/training/detector/adamw.ts";
import { trainStep } from "../../../src/training/detector/detector-step.ts";
import { describeStart, headOf, loadStartingPoint } from "../../../src/training/detector/starting-point.ts";

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
  const { architecture, parameters } = await startGanDiscriminator("own", network, seededRandom(1));
  const common = { kimg: 1, crop: "face" as const, margin: 1.3, trainedOn: ["test"] };
  await saveGanNetwork(join(run, "networks"), "discriminator", parameters.toFloat32(), {
    architecture,
    network,
    ...common,
  });
});
afterAll(() => rm(run, { recursive: true, force: true }));

test("the head that trains a network of the same kind is known", () => {
  expect(
    (["trunk-synthesis", "two-views-synthesis", "two-views-face", "two-views", "trunk-face"] as const).map(
      headOf,
    ),
  ).toEqual(["synthesis", "synthesis", "face", "statistics", "face"]);
  expect(headOf("face-trunk")).toBeNull();
});

test("a head that is fitted to a bank gives way where the trunk moves", async () => {
  const from = "face-trunk";
  const architectureOf = async (change: object) =>
    (await describeStart({ from, head: "synthesis", ...change })).architecture;
  expect(await architectureOf({})).toBe("trunk-synthesis");
  expect(await architectureOf({ trunk: "trained" })).toBe("trunk-face");
  expect(await architectureOf({ adversarial: 2 })).toBe("trunk-face");
});

describe("a GAN's discriminator to start from", () => {
  test("learns to tell bright faces from dark ones", async () => {
    const discriminator = await loadStartingPoint({ from: run, seed: 1, head: "mean" });
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
    const losses = Array.from({ length: 12 }, () =>
      trainStep(discriminator, optimizer, { faces, classes }, options),
    );
    expect(losses.at(-1)).toBeLessThan(losses[0]! * 0.8);
    optimizer.dispose();
    discriminator.parameters.dispose();
  });

  test("judges a face the same whatever is beside it", async () => {
    const discriminator = await startGanDiscriminator(
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

  test("says which crop it has learnt on; what begins anew has none", async () => {
    const ofGan = { architecture: "big", crop: { sizePx: 32, margin: 1.3 }, onlySizePx: 32 };
    expect(await describeStart({ from: run, head: "face" })).toEqual(ofGan);
    expect(await describeStart({ from: join(run, "networks"), head: "face" })).toEqual(ofGan);
    const { architecture, crop } = JSON.parse(await readFile("models/face/manifest.json", "utf8"));
    const ofModel = { architecture, crop, onlySizePx: null };
    expect(await describeStart({ from: "models/face", head: "mean" })).toEqual(ofModel);
    const anew = { crop: null, onlySizePx: null };
    expect(await describeStart({ from: "face-trunk", head: "face" })).toEqual({
      architecture: "trunk-face",
      ...anew,
    });
    expect(await describeStart({ from: "random", head: "mean" })).toEqual({
      architecture: "face-trunk",
      ...anew,
    });
  });
});
