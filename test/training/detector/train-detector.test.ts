import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tf, useBackend } from "../../../src/engine/index.ts";
import { loadModel } from "../../../src/networks/index.ts";
import { fromFloat16Bytes } from "../../../src/networks/parameters.ts";
import {
  type TrainDetectorOptions,
  trainDetectorOptionsSchema,
} from "../../../src/training/detector/detector-options.ts";
import { trainDetector } from "../../../src/training/detector/train-detector.ts";
import type { TrainingEvent } from "../../../src/training/detector/training-event.ts";
import { makePortraitData } from "../portrait-data.ts";
import { groupsOn } from "../stored-faces.ts";

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
    draws: 128,
    steps: 20,
    batch: 4,
    // Below 64 pixels the pretrained trunk sees nothing: all of its features are 0.
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
      architecture: "trunk-synthesis",
      crop: { sizePx: 64, margin: 1.3 },
      minFacePx: 48,
      trainedOn: ["studio"],
      thresholds: { measuredOn: "2 faces from authentic images of groups held out for validation" },
    });
    expect(manifest.calibration.scale).toBeGreaterThan(0);
    expect(manifest.thresholds.forgedBelow).toBeLessThanOrEqual(manifest.thresholds.authenticAbove);
  });

  test("says what it does as it goes", () => {
    expect(events.map(({ kind }) => kind)).toEqual([
      "preparing",
      "started",
      "looking",
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
      parameters: 7_754_500,
    });
    expect(events[4]).toMatchObject({ kind: "step", step: 20, loss: expect.any(Number) });
    expect(events[5]).toMatchObject({
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

  test("hardened against attacks, keeps the last weights, not those that do best where nobody attacks", async () => {
    const change = { head: "mean", trunk: "trained", steps: 4, evalEvery: 2, patience: 1 } as const;
    // A rate of nothing: no validation is better than the first.
    await trainDetector(optionsFor("hardened", { ...change, learningRate: 1e-12, adversarial: 1 }));
    expect(readState("hardened")).toMatchObject({ step: 4, best: { step: 4 } });
  });

  test("keeps as much of what it began with as is asked for", async () => {
    const change = { steps: 2, warmUp: 0, evalEvery: 2, keepStart: 1, from: join(temporary, "whole") };
    await trainDetector(optionsFor("kept", change));
    const weights = (out: string) =>
      fromFloat16Bytes(read(out, "model/weights.bin")).map((value) => value || 0); // -0 is 0
    expect(Buffer.compare(Buffer.from(weights("kept").buffer), Buffer.from(weights("whole").buffer))).toBe(0);
    await trainDetector(optionsFor("left", { ...change, keepStart: 0 }));
    expect(read("left", "model/weights.bin").equals(read("whole", "model/weights.bin"))).toBe(false);
  });

  test("puts a trained first view beside the new one, or that of a model of two views", async () => {
    await trainDetector(optionsFor("first", { head: "mean", trunk: "trained", steps: 2, evalEvery: 2 }));
    const before = tf.memory().numTensors;
    const firsts = [];
    for (const [out, beside] of [
      ["both", "first/model"],
      ["both-again", "both/model"],
    ] as const) {
      const change = { steps: 2, evalEvery: 2, beside: join(temporary, beside) };
      await trainDetector(optionsFor(out, change));
      expect(tf.memory().numTensors).toBe(before);
      const { discriminator, manifest } = await loadModel(join(temporary, out, "model"));
      expect(manifest.architecture).toBe("two-views-synthesis");
      const [one, two] = discriminator.parameters.get("fusion/kernel").dataSync();
      expect(one).toBeGreaterThan(0);
      expect(two).toBeGreaterThan(0);
      firsts.push([...discriminator.parameters.get("first/conv1/kernel").dataSync()]);
      discriminator.parameters.dispose();
    }
    expect(firsts[1]).toEqual(firsts[0]);
  });

  test("looks for synthesised faces where some were trained on, and goes on where that was cut", async () => {
    // The fakes in groups of their own: nobody's faces.
    const real = { train: groupsOn("train", 6), validation: groupsOn("validation", 2) };
    const own = { train: groupsOn("train", 12).slice(6), validation: groupsOn("validation", 4).slice(2) };
    const groupOf = new Map(
      (["train", "validation"] as const).flatMap((side) =>
        real[side].map((group, i) => [group, own[side][i]!] as const),
      ),
    );
    const rows = readFileSync(data, "utf8").trim().split("\n").slice(1);
    const index = rows.map((row) => {
      const [file, source, label, generator, group] = row.split(",") as [
        string,
        string,
        string,
        string,
        string,
      ];
      return [file, source, label, generator, label === "fake" ? groupOf.get(group) : group].join(",");
    });
    const synthesised = join(temporary, "data/synthesised.csv");
    writeFileSync(synthesised, ["file,source,label,generator,group", ...index, ""].join("\n"));
    const change = { data: synthesised, size: 96, steps: 10 };
    const said: TrainingEvent[] = [];
    await trainDetector(optionsFor("synthesised", change), { event: (event) => said.push(event) });
    const kinds = said.map(({ kind }) => kind);
    expect(kinds.slice(-2)).toEqual(["fitting", "validated"]);
    expect(said.at(-2)).toEqual({ kind: "fitting", done: 60, total: 60 });
    const { discriminator } = await loadModel(join(temporary, "synthesised/model"));
    const weights = [...discriminator.parameters.get("synthesis/weights").dataSync()];
    discriminator.parameters.dispose();
    expect(Math.max(...weights.map(Math.abs))).toBeGreaterThan(0.1);

    const stop = new AbortController();
    const stopped = await trainDetector(optionsFor("cut", change), {
      signal: stop.signal,
      event: ({ kind }) => kind === "fitting" && stop.abort(),
    });
    expect(stopped).toBeNull();
    expect(readdirSync(join(temporary, "cut"))).not.toContain("model");
    await trainDetector(optionsFor("cut", { ...change, resume: true }));
    expect(read("cut", "model/weights.bin").equals(read("synthesised", "model/weights.bin"))).toBe(true);
    // What was looked at before is not written down twice.
    const lines = read("cut", "stats.jsonl").toString();
    await trainDetector(optionsFor("cut", { ...change, resume: true }));
    expect(read("cut", "stats.jsonl").toString()).toBe(lines);
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
      message: `${out} already holds a run. Add --resume to go on, or name another folder.`,
    });
  });

  test("a run goes on with the options it began with, or not at all", async () => {
    const out = join(temporary, "whole");
    const differing = optionsFor("whole", { resume: true, learningRate: 1e-3 });
    await expect(trainDetector(differing)).rejects.toMatchObject({
      code: "RUN_INVALID",
      message: `Expected the options that the run in ${out} began with (options.json), but these differ: learningRate. Resume with the same, or begin anew elsewhere.`,
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
    const change = { head: "mean", trunk: "trained", steps: 6, warmUp: 0, learningRate: 1 } as const;
    const path = trainDetector(optionsFor("collapsed", { ...change, evalEvery: 3 }), {
      event: (event) => event.kind === "warning" && warnings.push(event),
    });
    await expect(path).rejects.toMatchObject({
      code: "MODEL_COLLAPSED",
      message:
        "Expected different answers for different faces, but all 4 validation faces get the same one: the network has collapsed, and no model was written. A new run with a longer --warm-up, a lower --learning-rate or a larger --size avoids that.",
    });
    expect(warnings).toMatchObject([{ step: 3 }, { step: 6 }]);
    expect(readdirSync(join(temporary, "collapsed"))).not.toContain("model");
    expect(tf.memory().numTensors).toBe(before);
  });

  test("a loss that is no number stops the run, and the checkpoint stays", async () => {
    const { file } = readState("broken");
    const checkpoint = read("broken", file);
    // The head's bias, which every logit goes through.
    checkpoint.writeFloatLE(Number.NaN, 4 * (6_234_753 - 1));
    writeFileSync(join(temporary, "broken", file), checkpoint);
    const before = tf.memory().numTensors;
    await expect(trainDetector(optionsFor("broken", { resume: true }))).rejects.toMatchObject({
      code: "LOSS_NOT_FINITE",
      message: `The loss became NaN at step 10. The last checkpoint is kept in ${join(temporary, "broken")}; resume from it with a lower learning rate in a new run.`,
    });
    expect(readState("broken")).toMatchObject({ step: 10, file });
    expect(read("broken", file).equals(checkpoint)).toBe(true);
    expect(tf.memory().numTensors).toBe(before);
  });
});
