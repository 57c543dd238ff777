import { copyFile, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readDataIndex } from "../../../src/data/data-index.ts";
import { seededRandom, useBackend } from "../../../src/engine/index.ts";
import { decodeImage } from "../../../src/media/index.ts";
import { initManipulationModel, saveManipulationModel } from "../../../src/networks/index.ts";
import { generateFakes } from "../../../src/training/manipulation/generate-fakes.ts";
import { forgeOptionsSchema } from "../../../src/training/manipulation/manipulation-options.ts";
import { portraitPath } from "../../faces/portrait.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "telltale-forge-"));
  await useBackend("wasm");
  const media = join(folder, "media");
  await mkdir(media);
  await copyFile(portraitPath, join(media, "portrait.png"));
  await copyFile("fixtures/media/authentic.mp4", join(media, "clip.mp4"));
  await writeFile(join(media, "broken.png"), "no picture");
  const about = { steps: 1, margin: 1.3, trainedOn: ["studio"] };
  for (const kind of ["restoration", "swap"] as const) {
    const model = initManipulationModel({ kind, resolution: 64, width: 4 }, seededRandom(1));
    await saveManipulationModel(join(folder, kind), model, about);
    model.parameters.dispose();
  }
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test.each(["restoration", "swap"] as const)(
  "%s makes pictures of the originals' size with only the face changed, and an index to train on",
  async (kind) => {
    const out = join(folder, `${kind}-out`);
    const given = { from: join(folder, kind), data: join(folder, "media"), out, framesPerVideo: 2 };
    const result = await generateFakes(forgeOptionsSchema.parse({ ...given, backend: "wasm" }));
    expect(result).toMatchObject({ pictures: 3, withoutFace: 0 });
    expect(result.unreadable.map(({ file }) => file)).toEqual(["broken.png"]);
    const items = await readDataIndex(join(out, "index.csv"));
    expect(items.map(({ label, generator, source, group }) => [label, generator, source, group])).toEqual([
      ["fake", kind, "media", "clip.mp4"],
      ["fake", kind, "media", "clip.mp4"],
      ["fake", kind, "media", "portrait.png"],
    ]);
    const [before, after] = [await decodeImage(portraitPath), await decodeImage(items.at(-1)!.path)];
    expect([after.width, after.height]).toEqual([before.width, before.height]);
    const changed = before.data.reduce((n, value, i) => n + (value === after.data[i] ? 0 : 1), 0);
    expect(changed).toBeGreaterThan(1000);
    expect(changed).toBeLessThan(before.data.length / 2);
    expect([...after.data.subarray(0, 300)]).toEqual([...before.data.subarray(0, 300)]);
  },
);

test("with other people's faces, a restoration model makes swaps that it redraws", async () => {
  const out = join(folder, "swapped-out");
  const given = { from: join(folder, "restoration"), data: join(folder, "media"), out, framesPerVideo: 1 };
  const faces = join(folder, "faces");
  await mkdir(faces);
  await copyFile("fixtures/media/still-forged.jpg", join(faces, "other.jpg"));
  const result = await generateFakes(forgeOptionsSchema.parse({ ...given, faces, backend: "wasm" }));
  expect(result).toMatchObject({ pictures: 2, withoutFace: 0 });
  const items = await readDataIndex(join(out, "index.csv"));
  expect(items.map(({ generator, group }) => [generator, group])).toEqual([
    ["swap", "clip.mp4"],
    ["swap", "portrait.png"],
  ]);
  // An untrained restoration model gives back what it gets, so the other face is what changed.
  const [before, after] = [await decodeImage(portraitPath), await decodeImage(items.at(-1)!.path)];
  const changed = before.data.reduce((n, value, i) => n + (Math.abs(value - after.data[i]!) > 8 ? 1 : 0), 0);
  expect(changed).toBeGreaterThan(1000);
  expect([...after.data.subarray(0, 300)]).toEqual([...before.data.subarray(0, 300)]);
});

test("other people's faces need a restoration model", async () => {
  const given = { from: join(folder, "swap"), data: join(folder, "media"), out: join(folder, "none") };
  const options = forgeOptionsSchema.parse({ ...given, faces: join(folder, "media"), backend: "wasm" });
  await expect(generateFakes(options)).rejects.toMatchObject({ code: "USAGE" });
});
