import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exportNetwork } from "../../../src/training/gan/export-network.ts";
import type { GanEvent } from "../../../src/training/gan/gan-events.ts";
import { trainGanOptionsSchema } from "../../../src/training/gan/gan-options.ts";
import { numberedFolder } from "../../../src/training/gan/numbered-folder.ts";
import { sample } from "../../../src/training/gan/sample.ts";
import { sampleOptionsSchema } from "../../../src/training/gan/sample-options.ts";
import { trainGan } from "../../../src/training/gan/train-gan.ts";

const temporary = mkdtempSync(join(tmpdir(), "telltale-gan-runs-"));
const photos = join(temporary, "photos");

async function makePictures(folder: string, count: number): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (let i = 0; i < count; i++) {
    const background = { r: (i * 53) % 256, g: (i * 97) % 256, b: (i * 31) % 256 };
    const picture = sharp({ create: { width: 24, height: 20, channels: 3, background } });
    await picture.png().toFile(join(folder, `${i}.png`));
  }
}

beforeAll(() => makePictures(photos, 12));
afterAll(() => rmSync(temporary, { recursive: true }));

const optionsFor = (out: string, change: object = {}) =>
  trainGanOptionsSchema.parse({
    ...{ data: photos, out: join(temporary, out), cache: join(temporary, "cache"), backend: "wasm" },
    ...{ crop: "whole", resolution: 16, width: 2, maxChannels: 4, latent: 8, batch: 4 },
    ...{ kimg: 0.008, evalSamples: 8, arch: "vanilla" },
    ...change,
  });

const read = (...path: string[]) => JSON.parse(readFileSync(join(temporary, ...path), "utf8"));
/** Pixels of the first face of a grid. */
const firstFace = (path: string) =>
  sharp(path).extract({ left: 0, top: 0, width: 16, height: 16 }).removeAlpha().raw().toBuffer();

describe("a run", () => {
  test("writes down every option and the version, and that it has ended", async () => {
    await trainGan(optionsFor("plain"));
    const { version } = JSON.parse(readFileSync("package.json", "utf8"));
    expect(read("plain", "options.json")).toMatchObject({
      tool: { name: "telltale", version },
      ...{ dataPath: photos, kimg: 0.008, evalSamples: 8, watts: 65, r1: 1, gLearningRate: 2e-4 },
    });
    const rows = readFileSync(join(temporary, "plain/stats.jsonl"), "utf8").trim().split("\n");
    expect(JSON.parse(rows.at(-1)!)).toEqual({ kind: "ended", step: 2, kimg: 0.008 });
  });

  test("of one slash is found again by --resume", async () => {
    const runs = join(temporary, "runs/");
    for (const name of ["00000-vanilla-16", "00002-vanilla-16", "00003-style-16"]) {
      mkdirSync(join(runs, name), { recursive: true });
    }
    expect(await numberedFolder(runs, "vanilla-16", true)).toBe(join(runs, "00002-vanilla-16"));
    expect(await numberedFolder(runs, "vanilla-16")).toBe(join(runs, "00004-vanilla-16"));
    expect(await numberedFolder(runs, "big-16", true)).toBe(join(runs, "00000-big-16"));
  });

  test("goes on without the networks that it began with, once it has a checkpoint", async () => {
    cpSync(join(temporary, "plain/networks"), join(temporary, "source"), { recursive: true });
    const from = join(temporary, "source");
    await trainGan(optionsFor("further", { from, kimg: 0.012 }));
    rmSync(from, { recursive: true });
    const { isFinished } = await trainGan(optionsFor("further", { from, kimg: 0.016, resume: true }));
    expect(isFinished).toBe(true);
    expect(read("further", "checkpoint.json").step).toBe(4);
    expect(read("further", "options.json").from.kimg).toBe(0.008);
  });

  test("that would learn nothing more is refused", async () => {
    const networks = join(temporary, "plain/networks");
    await expect(trainGan(optionsFor("nothing", { from: networks, kimg: 0.005 }))).rejects.toMatchObject({
      code: "USAGE",
      message: `Expected --kimg above 0.008, which the GAN in ${networks} has already seen, but received 0.005.`,
    });
    expect(existsSync(join(temporary, "nothing"))).toBe(false);
  });

  test.each([
    ["retune", { retune: true }, "Expected --resume with --retune, which changes a resumed run."],
    [
      "classes",
      { classes: "source" },
      "Expected --arch big with --classes, but received vanilla, which has no classes.",
    ],
    [
      "label smoothing",
      { loss: "hinge", labelSmoothing: 0.1 },
      "Expected --loss non-saturating with --label-smoothing, but received hinge.",
    ],
  ])("with %s that would do nothing is refused", async (_, change, message) => {
    await expect(trainGan(optionsFor("idle", change))).rejects.toMatchObject({ code: "USAGE", message });
  });

  test("with an extractor that is none is refused before it trains", async () => {
    const extractor = join(temporary, "nowhere");
    await expect(trainGan(optionsFor("measured", { extractor }))).rejects.toMatchObject({
      code: "MODEL_MISSING",
    });
    expect(existsSync(join(temporary, "measured"))).toBe(false);
  });

  test("on fewer than four pictures is refused before it trains", async () => {
    const few = join(temporary, "few");
    await makePictures(few, 3);
    await expect(trainGan(optionsFor("short", { data: few }))).rejects.toMatchObject({
      code: "DATA_INVALID",
      message: "Expected at least 4 images to train on but received 3.",
    });
    expect(existsSync(join(temporary, "short"))).toBe(false);
  });

  test("names the files that it cannot read, the second time too", async () => {
    const mixed = join(temporary, "mixed");
    await makePictures(mixed, 5);
    writeFileSync(join(mixed, "broken.png"), "no picture");
    symlinkSync(join(temporary, "nowhere.png"), join(mixed, "link.png"));
    for (const out of ["mixed-1", "mixed-2"]) {
      const named: string[] = [];
      const event = (e: GanEvent) => e.kind === "unreadable" && named.push(e.file.path);
      await trainGan(optionsFor(out, { data: mixed, kimg: 0.004 }), { event });
      expect(named).toEqual([join(mixed, "broken.png"), join(mixed, "link.png")]);
    }
  });
});

describe("a progressive generator that has not grown to its end", () => {
  beforeAll(async () => {
    await trainGan(optionsFor("half", { arch: "progressive", growKimg: 1 }));
  });

  test("is sampled as far as it has grown: 16 pixels of a colour each", async () => {
    expect(read("half", "networks/generator.json").network.grown).toEqual({ side: 4, fade: 1 });
    const out = join(temporary, "half.png");
    const from = join(temporary, "half");
    await sample(sampleOptionsSchema.parse({ from, out, count: 1, columns: 1, backend: "wasm" }));
    const pixels = await firstFace(out);
    const at = (x: number, y: number) => [...pixels.subarray((y * 16 + x) * 3, (y * 16 + x) * 3 + 3)];
    // Enlarging is by repeated pixels.
    for (const [x, y] of [
      [1, 0],
      [3, 3],
      [6, 13],
    ] as const) {
      expect(at(x, y)).toEqual(at(x - (x % 4), y - (y % 4)));
    }
  });

  test("is not exported", async () => {
    const options = { from: join(temporary, "half"), out: join(temporary, "half-layers") };
    for (const network of ["generator", "discriminator"] as const) {
      await expect(exportNetwork({ ...options, network })).rejects.toMatchObject({
        code: "USAGE",
        message: `Expected a ${network} that has grown to 16 px, but this one is at 4 px: continue its training first.`,
      });
    }
  });
});

describe("samples of classes", () => {
  test("are of a class that there is, or of drawn ones", async () => {
    const index = join(temporary, "index.csv");
    const rows = Array.from({ length: 12 }, (_, i) => `photos/${i}.png,real,${i},${i % 2 ? "even" : "odd"}`);
    writeFileSync(index, `file,label,group,source\n${rows.join("\n")}\n`);
    await trainGan(optionsFor("classes", { arch: "big", data: index, classes: "source" }));
    const from = join(temporary, "classes");
    const grid = (name: string, change: object) => {
      const out = join(temporary, name);
      const options = sampleOptionsSchema.parse({ from, out, count: 8, backend: "wasm", ...change });
      return sample(options).then(() => sharp(out).raw().toBuffer());
    };
    const [drawn, first, second] = [
      await grid("drawn.png", {}),
      await grid("first.png", { label: 0 }),
      await grid("second.png", { label: 1 }),
    ];
    expect(first.equals(second)).toBe(false);
    expect(drawn.equals(first)).toBe(false);
    expect(drawn.equals(second)).toBe(false);
    await expect(grid("third.png", { label: 2 })).rejects.toMatchObject({
      code: "USAGE",
      message: "Expected --label below 2 but received 2.",
    });
    const plain = sampleOptionsSchema.parse({
      from: join(temporary, "plain"),
      out: join(temporary, "x.png"),
      label: 0,
      backend: "wasm",
    });
    await expect(sample(plain)).rejects.toMatchObject({
      message: "Expected no --label, since the generator has no classes, but received 0.",
    });
  });

  test("need the folder of a grid to be there", async () => {
    const out = join(temporary, "missing/faces.png");
    const options = sampleOptionsSchema.parse({ from: join(temporary, "plain"), out, backend: "wasm" });
    await expect(sample(options)).rejects.toMatchObject({ code: "OUTPUT_UNWRITABLE" });
  });
});
