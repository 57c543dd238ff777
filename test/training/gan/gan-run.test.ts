import { mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { GanEvent } from "../../../src/training/gan/gan-events.ts";
import { trainGanOptionsSchema } from "../../../src/training/gan/gan-options.ts";
import { trainGan } from "../../../src/training/gan/train-gan.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "telltale-gan-session-"));
  await mkdir(join(folder, "photos"));
  for (let i = 0; i < 4; i++) {
    const background = { r: 60 * i, g: 200 - 50 * i, b: 90 };
    await sharp({ create: { width: 16, height: 16, channels: 3, background } })
      .png()
      .toFile(join(folder, "photos", `${i}.png`));
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const optionsOf = (extra: object) =>
  trainGanOptionsSchema.parse({
    ...{ data: join(folder, "photos"), out: join(folder, "run"), cache: join(folder, "cache") },
    ...{ arch: "vanilla", crop: "whole", resolution: 16, width: 2, maxChannels: 4, latent: 8, batch: 4 },
    ...{ backend: "wasm", kimg: 0.4, ...extra },
  });

const isStep20 = (event: GanEvent) => event.kind === "step" && event.step === 20;
const isStarted = (event: GanEvent) => event.kind === "started";

/** Trains until an event and ends the run there. @returns the step that it began at */
async function trainUntil(isLast: (event: GanEvent) => boolean, extra: object): Promise<number> {
  const stop = new AbortController();
  let began = Number.NaN;
  const { isFinished } = await trainGan(optionsOf(extra), {
    signal: stop.signal,
    event: (event) => {
      if (event.kind === "started") began = event.step;
      if (isLast(event)) stop.abort();
    },
  });
  expect(isFinished).toBe(false);
  return began;
}

/** The checkpoint's files by name, byte for byte. */
async function checkpointFiles(): Promise<Record<string, string>> {
  const names = (await readdir(join(folder, "run"))).filter((name) => name.startsWith("checkpoint")).sort();
  const texts = names.map(async (name) => [name, await readFile(join(folder, "run", name), "base64")]);
  return Object.fromEntries(await Promise.all(texts));
}

describe("a run whose loss is no number", () => {
  test("ends with LOSS_NOT_FINITE, keeps the last checkpoint as it is, and can be resumed from it", async () => {
    expect(await trainUntil(isStep20, {})).toBe(0);
    const before = await checkpointFiles();
    expect(Object.keys(before)).toEqual(["checkpoint-20.bin", "checkpoint.json"]);

    const broken = optionsOf({ resume: true, retune: true, r1: 1e30, r1Every: 1 });
    await expect(trainGan(broken)).rejects.toMatchObject({ code: "LOSS_NOT_FINITE" });
    expect(await checkpointFiles()).toEqual(before);

    expect(await trainUntil(isStarted, { resume: true, retune: true })).toBe(20);
  });

  test("before its first checkpoint leaves none", async () => {
    const out = join(folder, "first");
    const broken = optionsOf({ out, r1: 1e30, r1Every: 1 });
    await expect(trainGan(broken)).rejects.toMatchObject({ code: "LOSS_NOT_FINITE" });
    const files = await readdir(out);
    expect(files).toContain("options.json");
    expect(files.filter((name) => name.startsWith("checkpoint"))).toEqual([]);
  });
});

describe("a run that is told to stop when it has only to be measured", () => {
  test("does not measure, keeps what it has learnt, and is measured when it is resumed", async () => {
    const out = join(folder, "stopped");
    const options = { out, kimg: 0.08, evalSamples: 64 };
    const kinds = async () => {
      const lines = (await readFile(join(out, "stats.jsonl"), "utf8")).trim().split("\n");
      return lines.map((line) => JSON.parse(line).kind as string);
    };
    await trainUntil(isStep20, options);
    expect(JSON.parse(await readFile(join(out, "checkpoint.json"), "utf8")).step).toBe(20);
    expect(await kinds()).not.toContain("measured");
    for (const name of ["generator", "discriminator"]) {
      const { kimg } = JSON.parse(await readFile(join(out, "networks", `${name}.json`), "utf8"));
      expect(kimg, "the networks are those of the checkpoint").toBe(0.08);
    }
    const sentences: string[] = [];
    const { isFinished } = await trainGan(optionsOf({ ...options, resume: true }), {
      event: (event) => event.kind === "warning" && sentences.push(event.sentence),
    });
    expect(isFinished).toBe(true);
    expect((await kinds()).slice(-2)).toEqual(["measured", "ended"]);
    expect(sentences).toEqual([
      "Expected --kimg above 0.08, which the run has already reached; it is only measured again.",
    ]);
  });
});

test("a run tells its speed and the time left after its first step", async () => {
  const stop = new AbortController();
  const steps: GanEvent[] = [];
  await trainGan(optionsOf({ out: join(folder, "told") }), {
    signal: stop.signal,
    event: (event) => {
      if (event.kind !== "step") return;
      steps.push(event);
      stop.abort();
    },
  });
  const [first] = steps;
  expect(first).toMatchObject({ kind: "step", step: 1 });
  expect(first?.kind === "step" && first.imagesPerSec > 0 && first.secLeft > 0).toBe(true);
});
