import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { seededRandom, tf, useBackend } from "../../../src/engine/index.ts";
import { defaultModelDir, initGanDiscriminator } from "../../../src/networks/index.ts";
import { Critic } from "../../../src/training/manipulation/critic.ts";
import { ManipulationState } from "../../../src/training/manipulation/manipulation-state.ts";
import { restorationStep } from "../../../src/training/manipulation/restoration-step.ts";
import { swapStep } from "../../../src/training/manipulation/swap-step.ts";
import { RunFolder } from "../../../src/training/run-folder.ts";

let folder = "";
let critic: Critic;
beforeAll(async () => {
  await useBackend("wasm");
  critic = await Critic.load(defaultModelDir);
  folder = await mkdtemp(join(tmpdir(), "telltale-forgers-"));
});
afterAll(() => critic.dispose());
afterAll(() => rm(folder, { recursive: true, force: true }));

const SIDE = 32;
/** Soft blobs, the same in every step: something to overfit. */
const batchOf = (seed: number) => {
  const random = seededRandom(seed, 9);
  const [u, v] = [random.between(0.2, 0.5), random.between(0.2, 0.5)];
  return Float32Array.from({ length: 4 * SIDE * SIDE * 3 }, (_, i) => {
    const p = Math.floor(i / 3);
    return Math.sin(u * (p % SIDE) + (i % 3)) * Math.cos(v * Math.floor(p / SIDE));
  });
};
const options = { resolution: SIDE, learningRate: 2e-3, adversarial: 0.01, r1: 1, seed: 1, steps: 40 };

const kinds = {
  restoration: (state: ManipulationState, step: number) =>
    restorationStep(state, batchOf(1), critic, options, step),
  swap: (state: ManipulationState, step: number) => swapStep(state, [batchOf(1), batchOf(2)], options, step),
};

async function begin(kind: keyof typeof kinds, name: string, resume = false) {
  const run = await RunFolder.open(join(folder, name), { kind }, resume);
  const sizes = { architecture: "vanilla", width: 2, maxChannels: 8, latent: 4, classes: 0 } as const;
  const discriminator =
    kind === "swap"
      ? null
      : await initGanDiscriminator("own", { ...sizes, resolution: SIDE }, seededRandom(2));
  const network = { kind, resolution: SIDE, width: 4 };
  return { run, state: await ManipulationState.start(network, { seed: 1, discriminator }, run) };
}

const all = ({ model, optimizer, adversary }: ManipulationState) => [
  model.parameters.toFloat32(),
  ...optimizer.toFloat32(),
  ...(adversary === null
    ? []
    : [adversary.discriminator.parameters.toFloat32(), ...adversary.optimizer.toFloat32()]),
];

describe.each(["restoration", "swap"] as const)("a step of %s", (kind) => {
  const update = kinds[kind];

  test("leaves no tensor behind, and many of them bring the faces nearer", async () => {
    const { state } = await begin(kind, `${kind}-overfit`);
    const name = kind === "swap" ? "l1-a" : "l1";
    const losses: number[] = [];
    for (let step = 0; step < 2; step++) losses.push(update(state, step)[name]!);
    const before = tf.memory().numTensors;
    for (let step = 2; step < 40; step++) losses.push(update(state, step)[name]!);
    expect(tf.memory().numTensors).toBe(before);
    const last = losses.slice(-10);
    expect(last.reduce((a, b) => a + b, 0) / last.length).toBeLessThan(0.8 * losses[0]!);
    state.dispose();
  });

  test("and a checkpoint and another are two steps of a run that was not cut", async () => {
    const whole = await begin(kind, `${kind}-whole`);
    for (let step = 0; step < 4; step++) update(whole.state, step);
    const first = await begin(kind, `${kind}-cut`);
    for (let step = 0; step < 2; step++) update(first.state, step);
    first.state.step = 2;
    await first.state.save(first.run);
    first.state.dispose();
    const second = await begin(kind, `${kind}-cut`, true);
    expect(second.state.step).toBe(2);
    for (let step = 2; step < 4; step++) update(second.state, step);
    expect(all(second.state)).toEqual(all(whole.state));
    second.state.dispose();
    whole.state.dispose();
  });
});
