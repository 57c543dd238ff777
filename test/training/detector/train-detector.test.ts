import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tf, useBackend } from "../../../src/engine/index.ts";
import { loadModel } from "../../../src/networks/index.ts";
import {
  type TrainDetectorOptions,
  trainDetectorOptionsSchema,
} from "../../../src/training/detector/detector-options.ts";
import { trainDetector } from "../../../src/training/detector/train-detector.ts";
import type { TrainingEvent } from "../../../src/training/detector/training-event.ts";
import { makePortraitData } from "../portrait-data.ts";

const temporary = mkdtempSync(join(tmpdir(), "telltale-training-"));
let data: string;

beforeAll(async () => {
  data = await makePortraitData(join(temporary, "data"));
});
afterAll(() => rmSync(temporary, { recursive: true }));

function optionsFor(out: string, change: Partial<TrainDetectorOptions> = {}): TrainDetectorOptions {
  return trainDetectorOptionsSchema.parse({
    data,
    out: join(temporary, out),
    cache: join(temporary, "cache"),
    steps: 20,
    batch: 4,
    // Below 64 pixels the pretrained backbone sees nothing: all of its features are 0.
    size: 64,
    warmUp: 4,
    evalEvery: 10,
    saveEvery: 5,
    threads: 1,
    backend: "wasm",
    ...change,
  });
}

const read = (out: string, file: string) => readFileSync(join(temporary, out, file));
const readState = (out: string) =>
  JSON.parse(read(out, "checkpoint.json").toString()) as { step: number; file: string };

/** Runs until the validation after step 10, then stops. */
async function trainTenSteps(out: string): Promise<string | null> {
  const stop = new AbortController();
  return trainDetector(optionsFor(out), {
    signal: stop.signal,
    event: ({ kind }) => kind === "validated" && stop.abort(),
  });
}

describe("trainDetector", () => {
  const events: TrainingEvent[] = [];
  let model: string | null;
  let stopped: string | null;
  let tensorsBefore: number;
  let tensorsAfter: number;

  beforeAll(async () => {
    await useBackend("wasm");
    tensorsBefore = tf.memory().numTensors;
    model = await trainDetector(optionsFor("whole"), { event: (event) => events.push(event) });
    tensorsAfter = tf.memory().numTensors;
    stopped = await trainTenSteps("halves");
    cpSync(join(temporary, "halves"), join(temporary, "broken"), { recursive: true });
  });

  test("cuts the faces, trains, validates and writes a model that loads", async () => {
    expect(model).toBe(join(temporary, "whole/model"));
    const { discriminator, manifest } = await loadModel(model!);
    discriminator.parameters.dispose();
    expect(manifest).toMatchObject({
      architecture: "mobilenet-v1",
      crop: { sizePx: 64, margin: 1.3 },
      minFacePx: 48,
      trainedOn: ["studio"],
      limitations: [],
    });
    expect(manifest.calibration.scale).toBeGreaterThan(0);
    // Too few of one kind of media: both take the thresholds of all files.
    const { image, video } = manifest.thresholds;
    expect(video).toEqual(image);
    expect(image.measuredOn).toMatch(/^2 real and 2 forged files /);
    for (const rate of [image.measuredFpr, image.measuredMissRate]) expect([0, 0.5, 1]).toContain(rate);
  });

  test("says what it does as it goes", () => {
    expect(events.map(({ kind }) => kind)).toEqual([
      "preparing",
      "started",
      "validated",
      "step",
      "validated",
    ]);
    expect(events[0]).toEqual({
      kind: "preparing",
      progress: { done: 16, total: 16, withoutFace: 0, unreadable: 0 },
    });
    expect(events[1]).toEqual({
      kind: "started",
      backend: "wasm (WebAssembly with SIMD)",
      step: 0,
      parameters: 3_199_620,
    });
    expect(events[3]).toMatchObject({ kind: "step", step: 20, loss: expect.any(Number) });
    expect(events[4]).toMatchObject({
      kind: "validated",
      step: 20,
      auc: { studio: expect.any(Number), mean: expect.any(Number) },
    });
  });

  test("leaves options, statistics, the last checkpoint and the model", () => {
    expect(readdirSync(join(temporary, "whole")).sort()).toEqual([
      "auc.svg",
      "checkpoint-20.bin",
      "checkpoint.json",
      "loss.svg",
      "model",
      "options.json",
      "report.html",
      "stats.jsonl",
      "worst-fakes.png",
      "worst-reals.png",
    ]);
    const options = JSON.parse(read("whole", "options.json").toString());
    expect(options).toMatchObject({ steps: 20, batch: 4, size: 64, seed: 1, data: [{ name: "index.csv" }] });
    const stats = read("whole", "stats.jsonl").toString().trim().split("\n");
    expect(stats.map((line) => JSON.parse(line).step)).toEqual([10, 20, 20]);
    expect(readState("whole").step).toBe(20);
  });

  test("shows the run on a page: curves, verdicts on validation faces, the worst mistakes", async () => {
    const page = read("whole", "report.html").toString();
    for (const file of ["auc.svg", "loss.svg", "worst-reals.png", "worst-fakes.png"])
      expect(page).toContain(`src="${file}"`);
    const rows = [...page.matchAll(/<tr><th scope="row">studio<\/th><td>(\w+)<\/td>((?:<td>\d+<\/td>){3})/g)];
    const counts = rows.map(([, label, cells]) => [
      label,
      [...cells!.matchAll(/\d+/g)].reduce((sum, [count]) => sum + Number(count), 0),
    ]);
    expect(counts).toEqual([
      ["fake", 2],
      ["real", 2],
    ]);
    expect(await sharp(read("whole", "worst-reals.png")).metadata()).toMatchObject({
      width: 1280,
      height: 128,
    });
  });

  test("keeps the weights of the validation that went best, and stops when patience ends", async () => {
    const validated: { step: number; mean: number }[] = [];
    const out = "patient";
    const path = await trainDetector(
      // A rate of nothing: no validation is better than the first.
      optionsFor(out, { steps: 100, evalEvery: 2, patience: 2, learningRate: 1e-12 }),
      {
        event: (event) => {
          if (event.kind === "validated") validated.push({ step: event.step, mean: event.auc.mean! });
        },
      },
    );
    expect(path).toBe(join(temporary, out, "model"));
    expect(validated.map(({ step }) => step)).toEqual([2, 4, 6]);
    expect(readState(out)).toMatchObject({ step: 6, best: { step: 2, auc: validated[0]!.mean } });
  });

  test("with a frozen backbone keeps the backbone that it started from, to the last bit", async () => {
    const change = { steps: 2, warmUp: 0, evalEvery: 2, from: join(temporary, "whole") };
    await trainDetector(optionsFor("frozen", { ...change, freezeBackbone: true }));
    await trainDetector(optionsFor("moved", change));
    const [start, frozen, moved] = ["whole", "frozen", "moved"].map((out) => read(out, "model/weights.bin"));
    const heads = 2 * (1024 * 3 + 3 + 512 + 1);
    const parts = (weights: Buffer) => [weights.subarray(0, -heads), weights.subarray(-heads)];
    const [backbone, ownHeads] = parts(start!);
    expect(parts(frozen!)[0]!.equals(backbone!)).toBe(true);
    expect(parts(frozen!)[1]!.equals(ownHeads!)).toBe(false);
    expect(parts(moved!)[0]!.equals(backbone!)).toBe(false);
  });

  test("leaves no tensors behind", () => {
    expect(tensorsAfter).toBe(tensorsBefore);
  });

  test("10 steps, a stop and 10 more give what 20 give, to the last bit", async () => {
    expect(stopped).toBeNull();
    expect(readState("halves").step).toBe(10);
    expect(readdirSync(join(temporary, "halves"))).not.toContain("model");
    const resumed: TrainingEvent[] = [];
    const path = await trainDetector(optionsFor("halves", { resume: true }), {
      event: (event) => resumed.push(event),
    });
    expect(path).toBe(join(temporary, "halves/model"));
    expect(resumed[0]).toMatchObject({ kind: "started", step: 10 });
    expect(read("halves", "checkpoint-20.bin").equals(read("whole", "checkpoint-20.bin"))).toBe(true);
    expect(read("halves", "model/weights.bin").equals(read("whole", "model/weights.bin"))).toBe(true);
    expect(read("halves", "model/manifest.json").equals(read("whole", "model/manifest.json"))).toBe(true);
  });

  test("a folder that holds a run is not written over", async () => {
    const out = join(temporary, "whole");
    await expect(trainDetector(optionsFor("whole"))).rejects.toMatchObject({
      code: "RUN_INVALID",
      message: `${out} already holds a run. Add --resume to continue it, or name another folder.`,
    });
  });

  test("a run goes on with the options it began with, or not at all", async () => {
    const out = join(temporary, "whole");
    const differing = optionsFor("whole", { resume: true, learningRate: 1e-3 });
    await expect(trainDetector(differing)).rejects.toMatchObject({
      code: "RUN_INVALID",
      message: `Expected the options of the run in ${out} (options.json), but these differ: learningRate. Resume with the same options, or start a new run in another folder.`,
    });
  });

  test("there is nothing to resume in an empty folder", async () => {
    const out = join(temporary, "nothing");
    await expect(trainDetector(optionsFor("nothing", { resume: true }))).rejects.toMatchObject({
      code: "RUN_INVALID",
      message: `Expected a run to resume in ${out}, but there is none. Leave --resume out.`,
    });
  });

  test("a network that answers every face alike is warned of, and no model is made of it", async () => {
    const warnings: TrainingEvent[] = [];
    const before = tf.memory().numTensors;
    const change = { steps: 6, warmUp: 0, learningRate: 1 };
    const path = trainDetector(optionsFor("collapsed", { ...change, evalEvery: 3 }), {
      event: (event) => event.kind === "warning" && warnings.push(event),
    });
    await expect(path).rejects.toMatchObject({
      code: "MODEL_COLLAPSED",
      message: expect.stringMatching(/ 4 validation faces .* collapsed.*--warm-up/),
    });
    expect(warnings).toMatchObject([{ step: 3 }, { step: 6 }]);
    expect(readdirSync(join(temporary, "collapsed"))).not.toContain("model");
    expect(tf.memory().numTensors).toBe(before);
  });

  test("a loss that is no number stops the run, and the checkpoint stays", async () => {
    const { file } = readState("broken");
    const checkpoint = read("broken", file);
    // The last bias of the current weights, that of the localization head.
    checkpoint.writeFloatLE(Number.NaN, 4 * (3_199_620 - 1));
    writeFileSync(join(temporary, "broken", file), checkpoint);
    const before = tf.memory().numTensors;
    await expect(trainDetector(optionsFor("broken", { resume: true }))).rejects.toMatchObject({
      code: "LOSS_NOT_FINITE",
      message: `The loss became NaN at step 10. The last checkpoint is kept in ${join(temporary, "broken")}; start a new run from it with a lower learning rate.`,
    });
    expect(readState("broken")).toMatchObject({ step: 10, file });
    expect(read("broken", file).equals(checkpoint)).toBe(true);
    expect(tf.memory().numTensors).toBe(before);
  });
});
