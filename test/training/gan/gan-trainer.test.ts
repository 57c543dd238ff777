import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { seededRandom, tf, useBackend } from "../../../src/engine/index.ts";
import type { GanNetwork } from "../../../src/networks/index.ts";
import { resolveGanOptions, trainGanOptionsSchema } from "../../../src/training/gan/gan-options.ts";
import { GanState } from "../../../src/training/gan/gan-state.ts";
import { GanTrainer } from "../../../src/training/gan/gan-trainer.ts";
import { RunFolder } from "../../../src/training/run-folder.ts";

let folder = "";
beforeAll(async () => {
  await useBackend("wasm");
  folder = await mkdtemp(join(tmpdir(), "telltale-gan-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const optionsOf = (extra: object = {}) =>
  resolveGanOptions(
    trainGanOptionsSchema.parse({
      data: "-",
      out: "-",
      arch: "style",
      resolution: 16,
      width: 2,
      maxChannels: 4,
      latent: 8,
      batch: 4,
      r1Every: 2,
      ...extra,
    }),
  );

const networkOf = (options: ReturnType<typeof optionsOf>): GanNetwork => ({
  architecture: options.arch,
  resolution: options.resolution,
  width: options.width,
  maxChannels: options.maxChannels,
  latent: options.latent,
  classes: 0,
});

/** Batch of a step as a function of the step. */
const batchAt = (step: number) => {
  const random = seededRandom(step, 77);
  const pixels = Float32Array.from({ length: 4 * 16 * 16 * 3 }, () => random.between(-1, 1));
  return { pixels, indices: [0, 1, 2, 3] };
};

const all = (state: GanState) => [
  ...[state.generator, state.averaged, state.discriminator].map((n) => n.parameters.toFloat32()),
  ...state.gOptimizer.toFloat32(),
  ...state.dOptimizer.toFloat32(),
];

describe("a step", () => {
  test.each(["vanilla", "progressive", "style", "big"])("of %s leaves no tensor behind", async (arch) => {
    const options = optionsOf({ arch });
    const state = await GanState.start(networkOf(options), options, null);
    const trainer = new GanTrainer(state, options, []);
    for (let i = 0; i < 2; i++) expect(trainer.step(batchAt(i))).toBeNull();
    const before = tf.memory().numTensors;
    for (let i = 2; i < 4; i++) expect(trainer.step(batchAt(i))).toBeNull();
    expect(tf.memory().numTensors).toBe(before);
    state.dispose();
  });

  test("moves both networks and the average, each from its own start", async () => {
    const options = optionsOf();
    const state = await GanState.start(networkOf(options), options, null);
    const before = all(state);
    new GanTrainer(state, options, []).step(batchAt(0));
    const after = all(state);
    for (const i of [0, 1, 2]) expect(after[i]).not.toEqual(before[i]);
    expect(state.step).toBe(1);
    state.dispose();
  });

  test("with a loss that is no number names the network and counts nothing", async () => {
    const options = optionsOf();
    const state = await GanState.start(networkOf(options), options, null);
    const weights = state.discriminator.parameters.toFloat32();
    const average = state.averaged.parameters.toFloat32();
    const broken = { ...batchAt(0), pixels: new Float32Array(4 * 16 * 16 * 3).fill(Number.NaN) };
    const result = new GanTrainer(state, options, []).step(broken);
    expect(result).toEqual({ network: "discriminator", loss: Number.NaN });
    expect(state.step).toBe(0);
    expect(state.discriminator.parameters.toFloat32()).toEqual(weights);
    expect(state.averaged.parameters.toFloat32()).toEqual(average);
    state.dispose();
  });

  // Adam's step does not depend on the gradient's length until that is as short as its epsilon, 1e-8.
  test("clipped to length 1e-9 moves weights less than a tenth as far as a free one does", async () => {
    const lengths: number[] = [];
    for (const clipNorm of [0, 1e-9]) {
      const options = optionsOf({ clipNorm, arch: "vanilla", r1: 0 });
      const state = await GanState.start(networkOf(options), options, null);
      const before = state.discriminator.parameters.toFloat32();
      new GanTrainer(state, options, []).step(batchAt(0));
      const after = state.discriminator.parameters.toFloat32();
      lengths.push(Math.hypot(...after.map((value, i) => value - before[i]!)));
      state.dispose();
    }
    expect(lengths[1]).toBeLessThan(lengths[0]! * 0.1);
  });
});

test.each(["style", "big", "progressive"])(
  "10 steps of %s, a checkpoint and 10 more are the 20 steps of a run that was not cut",
  async (arch) => {
    const options = optionsOf({ arch, growKimg: 0.012 });
    const whole = await GanState.start(networkOf(options), options, null);
    const uncut = new GanTrainer(whole, options, []);
    for (let i = 0; i < 20; i++) uncut.step(batchAt(i));

    const run = await RunFolder.open(join(folder, arch), {}, false);
    const first = await GanState.start(networkOf(options), options, null);
    const before = new GanTrainer(first, options, []);
    for (let i = 0; i < 10; i++) before.step(batchAt(i));
    await first.save(run, { wallSec: 12, energyWh: 3 });
    first.dispose();

    const second = await GanState.start(networkOf(options), options, run);
    expect(second.step).toBe(10);
    expect(second.costBefore).toEqual({ wallSec: 12, energyWh: 3 });
    const after = new GanTrainer(second, options, []);
    for (let i = 10; i < 20; i++) after.step(batchAt(i));
    expect(all(second)).toEqual(all(whole));
    whole.dispose();
    second.dispose();
  },
);
