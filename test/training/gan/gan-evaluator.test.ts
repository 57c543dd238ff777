import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tf, useBackend } from "../../../src/engine/index.ts";
import type { GanNetwork } from "../../../src/networks/index.ts";
import type { GanData } from "../../../src/training/gan/gan-data.ts";
import { GanEvaluator } from "../../../src/training/gan/gan-evaluator.ts";
import { resolveGanOptions, trainGanOptionsSchema } from "../../../src/training/gan/gan-options.ts";
import { GanState } from "../../../src/training/gan/gan-state.ts";
import { ImageDataset } from "../../../src/training/gan/image-dataset.ts";

const SIDE = 16;
/** What flat pictures are filled with: six that are trained on, six held out. */
const [TRAINED, HELD_OUT] = [230, 180];
const logitOf = (byte: number) => byte / 127.5 - 1;

let folder: string;
let data: GanData;
beforeAll(async () => {
  await useBackend("wasm");
  folder = await mkdtemp(join(tmpdir(), "telltale-watch-"));
  const fills = Array.from({ length: 12 }, (_, i) => (i < 6 ? TRAINED : HELD_OUT));
  const rows = fills.map((_, i) =>
    JSON.stringify({ source: "s", group: `${i}`, attributes: "", isVideo: false }),
  );
  await writeFile(join(folder, "pictures.jsonl"), `${rows.join("\n")}\n`);
  const pictures = fills.map((fill) => Buffer.alloc(SIDE * SIDE * 3, fill));
  await writeFile(join(folder, "pictures.bin"), Buffer.concat(pictures));
  data = {
    store: (await ImageDataset.open(folder, SIDE))!,
    train: [0, 1, 2, 3, 4, 5],
    heldOut: [6, 7, 8, 9, 10, 11],
    ...{ labels: [], classNames: [], sources: ["s"], sha256: "-" },
  };
});
afterAll(async () => {
  await data.store.close();
  await rm(folder, { recursive: true, force: true });
});

const options = resolveGanOptions(
  trainGanOptionsSchema.parse({
    ...{ data: "-", out: "-", arch: "vanilla", resolution: SIDE, width: 2, maxChannels: 4, latent: 8 },
  }),
);
const network: GanNetwork = {
  ...{ architecture: "vanilla", resolution: SIDE, width: 2, maxChannels: 4, latent: 8, classes: 0 },
};

/**
 * A discriminator that says how bright a flat picture is, in [0, 1] for bytes of 127.5 to 255: each layer hands its first
 * channel on, and the head takes their mean over the last 4 x 4 places. A generator that makes pictures of one brightness.
 */
async function brightnessState(fakeBrightness: number): Promise<GanState> {
  const state = await GanState.start(network, options, null);
  for (const { parameters } of [state.generator, state.discriminator]) {
    parameters.assign(new Float32Array(parameters.count));
  }
  const { parameters } = state.discriminator;
  const put = (name: string, places: readonly number[], value: number) => {
    const kernel = parameters.get(name);
    const values = new Float32Array(kernel.size);
    for (const place of places) values[place] = value;
    tf.tidy(() => kernel.assign(tf.tensor(values, kernel.shape)));
  };
  /** Of a kernel [k, k, in, out], row 1 and column 1, which is never beyond the picture. */
  const middle = (name: string) => {
    const [k, , input, output] = parameters.get(name).shape as [number, number, number, number];
    return [(k + 1) * input * output];
  };
  for (const name of ["rgb/kernel", "down16/kernel", "down8/kernel"]) put(name, middle(name), 1);
  // Four channels and the deviation at each of 16 places.
  const everyFirst = Array.from({ length: 16 }, (_, i) => 5 * i);
  put("head/kernel", everyFirst, 1 / 16);
  const grey = state.generator.parameters.get("rgb/bias");
  tf.tidy(() => grey.assign(tf.fill(grey.shape, Math.atanh(fakeBrightness))));
  return state;
}

describe("the discriminator's mean logits", () => {
  test("are those of reals trained on, of reals held out and of fakes, and say how far it has learnt by heart", async () => {
    const state = await brightnessState(0.2);
    const watch = new GanEvaluator(data, options, folder);
    const seen = await watch.overfitting(state, undefined);
    expect(seen.realTrain).toBeCloseTo(logitOf(TRAINED), 5);
    expect(seen.realHeldOut).toBeCloseTo(logitOf(HELD_OUT), 5);
    expect(seen.fake).toBeCloseTo(0.2, 5);
    // (0.8039 - 0.4118) / (0.8039 - 0.2): the held-out ones are 65% of the way from trained ones to fakes.
    const expected = (logitOf(TRAINED) - logitOf(HELD_OUT)) / (logitOf(TRAINED) - 0.2);
    expect(expected).toBeCloseTo(0.6494, 4);
    expect(seen.overfitting).toBeCloseTo(expected, 4);
    state.dispose();
  });

  test("say 0 where held-out reals look like trained ones, and 1 where they look like fakes", async () => {
    const state = await brightnessState(logitOf(HELD_OUT));
    const overfitting = async (heldOut: readonly number[]) =>
      (await new GanEvaluator({ ...data, heldOut }, options, folder).overfitting(state, undefined))
        .overfitting;
    expect(await overfitting([0, 1, 2, 3])).toBeCloseTo(0, 6);
    expect(await overfitting([6, 7, 8, 9])).toBeCloseTo(1, 4);
    state.dispose();
  });

  test("weigh every picture alike, also those of a last batch that is not full", async () => {
    const state = await brightnessState(0.2);
    const heldOut = [...Array<number>(32).fill(6), 0, 1, 2, 3];
    const { realHeldOut } = await new GanEvaluator({ ...data, heldOut }, options, folder).overfitting(
      state,
      undefined,
    );
    expect(realHeldOut).toBeCloseTo((32 * logitOf(HELD_OUT) + 4 * logitOf(TRAINED)) / 36, 5);
    state.dispose();
  });

  test("say nothing of it with fewer than four held out", async () => {
    const state = await brightnessState(0.2);
    const watch = new GanEvaluator({ ...data, heldOut: [6, 7, 8] }, options, folder);
    const { realTrain, realHeldOut, overfitting } = await watch.overfitting(state, undefined);
    expect([realHeldOut, overfitting]).toEqual([null, null]);
    expect(realTrain).toBeCloseTo(logitOf(TRAINED), 5);
    state.dispose();
  });

  test("leave networks as they are and no tensor behind", async () => {
    const state = await brightnessState(0.2);
    const weights = () => [state.generator, state.discriminator].map((n) => n.parameters.toFloat32());
    const [before, tensors] = [weights(), tf.memory().numTensors];
    await new GanEvaluator(data, options, folder).overfitting(state, undefined);
    expect(weights()).toEqual(before);
    expect(tf.memory().numTensors).toBe(tensors);
    state.dispose();
  });
});
