import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { seededRandom, type Tensor4D, tf, useBackend } from "../../src/engine/index.ts";
import {
  type Discriminator,
  defaultModelDir,
  listModels,
  loadModel,
  logits,
  modelsDir,
  readManifest,
  saveModel,
  startDiscriminator,
} from "../../src/networks/index.ts";

const temporary = mkdtempSync(join(tmpdir(), "telltale-model-"));
const about = {
  name: "test",
  version: "1.2.3",
  architecture: "face-trunk",
  crop: { sizePx: 64, margin: 1.25 },
  minFacePx: 48,
  calibration: { scale: 1.5, bias: -0.25 },
  thresholds: { forgedBelow: 0.3, authenticAbove: 0.6, measuredFpr: 0.01, measuredOn: "nothing" },
  trainedOn: ["portrait"],
} as const;
const manifestInput = { ...about, trainedOn: [...about.trainedOn] };
let discriminator: Discriminator;
let saved: string;
let count = 0;

beforeAll(async () => {
  await useBackend("wasm");
  discriminator = await startDiscriminator("face-trunk", seededRandom(1));
  saved = join(temporary, "saved");
  await saveModel(saved, discriminator.parameters.toFloat32(), manifestInput);
});
afterAll(() => rmSync(temporary, { recursive: true }));

/** A new folder with a manifest of this text. */
function folderWith(manifest: string): string {
  const folder = join(temporary, `folder-${count++}`);
  mkdirSync(folder);
  writeFileSync(join(folder, "manifest.json"), manifest);
  return folder;
}

/** The saved manifest with something else in it. */
function changed(change: object): string {
  return JSON.stringify({ ...JSON.parse(readFileSync(join(saved, "manifest.json"), "utf8")), ...change });
}

describe("a model folder", () => {
  test("holds weights in 16 bits and a manifest, and nothing else", () => {
    expect(readdirSync(saved).sort()).toEqual(["manifest.json", "weights.bin"]);
    expect(readFileSync(join(saved, "weights.bin"))).toHaveLength(2 * 3_197_057);
  });

  test("gives back what was saved", async () => {
    const { discriminator: loaded, manifest } = await loadModel(saved);
    expect(manifest).toEqual({ schema: 1, ...manifestInput, weights: manifest.weights });
    expect(manifest.weights).toMatchObject({ file: "weights.bin", dtype: "float16" });
    const [before, after] = [discriminator.parameters.toFloat32(), loaded.parameters.toFloat32()];
    const worst = before.reduce(
      (max, value, i) => Math.max(max, Math.abs(value - after[i]!) / (Math.abs(value) + 1e-4)),
      0,
    );
    expect(worst).toBeLessThan(5e-4);
    const face = tf.randomUniform([1, 64, 64, 3], 0, 255, "float32", 1) as Tensor4D;
    const z = [discriminator, loaded].map((d) => tf.tidy(() => logits(d, face, "inference").dataSync()[0]!));
    expect(Math.abs(z[0]! - z[1]!)).toBeLessThan(0.01);
    loaded.parameters.dispose();
  });

  test("saved again from what was loaded it is the same to the byte", async () => {
    const { discriminator: loaded, manifest } = await loadModel(saved);
    const again = await saveModel(join(temporary, "again"), loaded.parameters.toFloat32(), manifestInput);
    expect(again).toEqual(manifest);
    loaded.parameters.dispose();
  });

  test("refuses to be saved with a manifest that would not load", async () => {
    const wrong = { ...manifestInput, minFacePx: 0 };
    const folder = join(temporary, "refused");
    await expect(saveModel(folder, new Float32Array(1), wrong)).rejects.toThrow("minFacePx");
    await expect(readManifest(folder)).rejects.toMatchObject({ code: "MODEL_MISSING" });
  });
});

describe("loadModel", () => {
  test("a folder that is not there is MODEL_MISSING", async () => {
    const folder = join(temporary, "nowhere");
    await expect(loadModel(folder)).rejects.toMatchObject({
      code: "MODEL_MISSING",
      message: `Expected a model folder with a manifest.json at ${folder}, but there is none. \`telltale models\` lists the models that are here.`,
    });
  });

  test("a folder without its weights is MODEL_MISSING", async () => {
    const folder = folderWith(changed({}));
    await expect(loadModel(folder)).rejects.toMatchObject({
      code: "MODEL_MISSING",
      message: `Expected the model's weights at ${join(folder, "weights.bin")}, but they cannot be read.`,
    });
  });

  test("weights that are not the manifest's are MODEL_MISMATCH", async () => {
    const folder = folderWith(changed({}));
    const { weights } = await readManifest(folder);
    writeFileSync(join(folder, "weights.bin"), readFileSync(join(saved, "weights.bin")).subarray(0, -2));
    await expect(loadModel(folder)).rejects.toMatchObject({
      code: "MODEL_MISMATCH",
      message: expect.stringMatching(
        new RegExp(
          `^Expected weights with SHA-256 ${weights.sha256.slice(0, 12)}\\.\\.\\. in .*weights\\.bin, but they have [0-9a-f]{12}\\.\\.\\.: the file was changed or cut short\\. Take the model folder anew\\.$`,
        ),
      ),
    });
  });

  test.each([3_197_056, 3_197_058])(
    "weights of another architecture (%d values) are MODEL_INVALID",
    async (values) => {
      const folder = join(temporary, `other-${values}`);
      await saveModel(folder, new Float32Array(values), manifestInput);
      const before = tf.memory().numTensors;
      await expect(loadModel(folder)).rejects.toMatchObject({
        code: "MODEL_INVALID",
        message: `Expected 3197057 values for the architecture face-trunk but received ${values}.`,
      });
      expect(tf.memory().numTensors).toBe(before);
    },
  );
});

describe("readManifest", () => {
  test("text that is no JSON is MODEL_INVALID", async () => {
    const folder = folderWith("{ not json");
    await expect(readManifest(folder)).rejects.toMatchObject({
      code: "MODEL_INVALID",
      message: `Expected JSON in ${join(folder, "manifest.json")}, but it does not parse.`,
    });
  });

  test.each([
    ["an unknown field", { colour: "red" }, '"" is wrong: Unrecognized key: "colour"'],
    ["another schema", { schema: 2 }, '"schema" is wrong: Invalid input: expected 1'],
    [
      "a margin of nothing",
      { crop: { sizePx: 64, margin: 0 } },
      '"crop.margin" is wrong: Too small: expected number to be >0',
    ],
    [
      "a threshold above 1",
      { thresholds: { ...about.thresholds, forgedBelow: 1.5 } },
      '"thresholds.forgedBelow" is wrong: Too big: expected number to be <=1',
    ],
  ])("%s is MODEL_INVALID and named", async (_, change, what) => {
    const folder = folderWith(changed(change));
    await expect(readManifest(folder)).rejects.toMatchObject({
      code: "MODEL_INVALID",
      message: `Expected a model manifest of schema 1 in ${join(folder, "manifest.json")}, but ${what}.`,
    });
  });
});

describe("listModels", () => {
  test("lists the folders that hold a model by name, and passes the others over", async () => {
    const shelf = join(temporary, "shelf");
    for (const name of ["b", "a", "empty"]) mkdirSync(join(shelf, name), { recursive: true });
    for (const name of ["b", "a"]) writeFileSync(join(shelf, name, "manifest.json"), changed({ name }));
    writeFileSync(join(shelf, "file"), "");
    const models = await listModels(shelf);
    expect(models.map(({ folder, manifest }) => [folder, manifest.name])).toEqual([
      [join(shelf, "a"), "a"],
      [join(shelf, "b"), "b"],
    ]);
  });

  test("a folder that is not there holds none", async () => {
    expect(await listModels(join(temporary, "nowhere"))).toEqual([]);
  });

  test("the model that ships loads, and is in the list", async () => {
    const { discriminator: shipped, manifest } = await loadModel(defaultModelDir);
    expect(shipped.parameters.count).toBe(10_951_560);
    expect(manifest.thresholds.forgedBelow).toBeLessThanOrEqual(manifest.thresholds.authenticAbove);
    expect(await listModels(modelsDir)).toContainEqual({ folder: defaultModelDir, manifest });
    shipped.parameters.dispose();
  });
});
