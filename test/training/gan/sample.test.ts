import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readDataIndex } from "../../../src/data/data-index.ts";
import { seededRandom, useBackend } from "../../../src/engine/index.ts";
import { frames, probe } from "../../../src/media/index.ts";
import { initGenerator, saveGanNetwork } from "../../../src/networks/index.ts";
import { interpolate, sample } from "../../../src/training/gan/sample.ts";
import { sampleOptionsSchema } from "../../../src/training/gan/sample-options.ts";

const sizes = { resolution: 32, width: 4, maxChannels: 8, latent: 8, classes: 0 };
const network = { architecture: "style", ...sizes } as const;
let folder = "";
beforeAll(async () => {
  await useBackend("wasm");
  folder = await mkdtemp(join(tmpdir(), "telltale-sample-"));
  const { parameters } = initGenerator(network, seededRandom(1));
  const about = { architecture: "style", crop: "face" } as const;
  await saveGanNetwork(folder, "generator", parameters.toFloat32(), {
    ...about,
    ...{ network, kimg: 1, margin: 1.3, trainedOn: ["x"] },
  });
  parameters.dispose();
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("a folder that was stopped halfway has an index of the pictures that are there", async () => {
  const out = join(folder, "stopped/");
  const stop = new AbortController();
  const made = sample(
    sampleOptionsSchema.parse({ from: folder, count: 400, backend: "wasm", out, side: 80 }),
    stop.signal,
  );
  const stopped = expect(made).rejects.toMatchObject({ name: "AbortError" });
  while (!existsSync(join(out, "000002.png"))) await setImmediate();
  stop.abort();
  await stopped;
  const pictures = readdirSync(out).filter((name) => name.endsWith(".png"));
  expect(pictures.length).toBeLessThan(400);
  const items = await readDataIndex(join(out, "index.csv"));
  expect(items.map(({ file }) => file)).toEqual(pictures.sort());
});

test("a folder of pictures has an index that names them as known fakes, each as large as asked for", async () => {
  const out = join(folder, "faces/");
  await sample(sampleOptionsSchema.parse({ from: folder, count: 3, backend: "wasm", out, side: 80 }));
  const { width, height } = await sharp(join(out, "000002.png")).metadata();
  expect([width, height]).toEqual([80, 80]);
  const items = await readDataIndex(join(out, "index.csv"));
  expect(items.map(({ file, label, source, generator }) => [file, label, source, generator])).toEqual(
    ["000000.png", "000001.png", "000002.png"].map((file) => [file, "fake", "telltale-gan", "style"]),
  );
});

describe("a walk between faces", () => {
  const places = [
    [1, 0, 0],
    [0, 2, 0],
    [0, 0, 3],
  ].map((values) => Float32Array.from(values));

  test("goes through every place and on to the first again, evenly on the sphere", () => {
    const path = interpolate(places, 4);
    expect(path.length).toBe(12);
    for (const [i, place] of places.entries()) {
      for (const [c, value] of path[4 * i]!.entries()) expect(value).toBeCloseTo(place[c]!, 6);
    }
    const direction = (v: Float32Array) => v.map((value) => value / Math.hypot(...v));
    const half = direction(path[2]!);
    // Half way between (1, 0, 0) and (0, 2, 0) in angle: both parts weigh sin 45 degrees.
    expect(half[0]! * 2).toBeCloseTo(half[1]!, 5);
    expect(path[11]![2]).toBeGreaterThan(0);
    expect(path[11]![0]).toBeGreaterThan(0);
  });

  test("becomes a video of as many frames, that starts with the first face and moves", async () => {
    const common = { from: folder, count: 3, backend: "wasm" };
    const out = join(folder, "walk.mp4");
    const options = sampleOptionsSchema.parse({ ...common, out, seconds: 0.5, fps: 10 });
    expect(await sample(options)).toBe(15);
    const info = await probe(out);
    expect([info.width, info.height]).toEqual([32, 32]);
    const shown: Uint8Array[] = [];
    for await (const { data } of frames(info, { frames: 15 })) shown.push(data);
    expect(shown.length).toBe(15);
    await sample(sampleOptionsSchema.parse({ ...common, out: join(folder, "grid.png"), columns: 3 }));
    const first = sharp(join(folder, "grid.png")).extract({ left: 0, top: 0, width: 32, height: 32 });
    const face = await first.removeAlpha().raw().toBuffer();
    const apart = (a: Uint8Array, b: Uint8Array) =>
      a.reduce((sum, value, i) => sum + Math.abs(value - b[i]!), 0) / a.length;
    expect(apart(shown[0]!, face)).toBeLessThan(apart(shown[5]!, face));
    expect(apart(shown[0]!, shown[14]!)).toBeGreaterThan(0);
  });
});
