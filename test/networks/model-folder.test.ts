import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { seededRandom, type Tensor4D, tf, useBackend } from "../../src/engine/index.ts";
import {
  type Discriminator,
  defaultModelDir,
  initDiscriminator,
  listModels,
  loadModel,
  logits,
  modelsDir,
  readManifest,
  saveModel,
} from "../../src/networks/index.ts";

const temporary = mkdtempSync(join(tmpdir(), "telltale-model-"));
const measured = { measuredMissRate: 0.1, measuredOn: "nothing" };
const about = {
  name: "test",
  version: "1.2.3",
  architecture: "mobilenet-v1",
  crop: { sizePx: 64, margin: 1.25 },
  minFacePx: 48,
  calibration: { scale: 1.5, bias: -0.25 },
  thresholds: {
    image: { ...measured, forgedBelow: 0.3, authenticAbove: 0.6, measuredFpr: 0.01 },
    video: { ...measured, forgedBelow: 0.4, authenticAbove: 0.4, measuredFpr: null },
  },
  trainedOn: ["portrait"],
} as const;
const manifestInput = { ...about, trainedOn: [...about.trainedOn] };
let discriminator: Discriminator;
let saved: string;
let count = 0;

beforeAll(async () => {
  await useBackend("wasm");
  discriminator = await initDiscriminator("pretrained", seededRandom(1));
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
    expect(readFileSync(join(saved, "weights.bin"))).toHaveLength(2 * 3_199_620);
  });

  test("gives back what was saved", async () => {
    const { discriminator: loaded, manifest } = await loadModel(saved);
    expect(manifest).toEqual({
      ...{ schema: 2, ...manifestInput, limitations: [], weights: manifest.weights },
    });
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
          `^Expected weights with SHA-256 ${weights.sha256.slice(0, 12)}\\.\\.\\. in .*weights\\.bin, but they have [0-9a-f]{12}\\.\\.\\.: the file was changed or cut short\\. Copy the model folder again\\.$`,
        ),
      ),
    });
  });

  test.each([3_199_619, 3_199_621])(
    "weights of another architecture (%d values) are MODEL_INVALID",
    async (values) => {
      const folder = join(temporary, `other-${values}`);
      await saveModel(folder, new Float32Array(values), manifestInput);
      const before = tf.memory().numTensors;
      await expect(loadModel(folder)).rejects.toMatchObject({
        code: "MODEL_INVALID",
        message: `Expected 3199620 values for the architecture mobilenet-v1 but received ${values}.`,
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
    ["a schema that is no number", { schema: "2" }, '"schema" is wrong: Invalid input: expected 2'],
    [
      "a margin of nothing",
      { crop: { sizePx: 64, margin: 0 } },
      '"crop.margin" is wrong: Too small: expected number to be >0',
    ],
    [
      "a threshold above 1",
      { thresholds: { ...about.thresholds, video: { ...about.thresholds.video, authenticAbove: 1.5 } } },
      '"thresholds.video.authenticAbove" is wrong: Too big: expected number to be <=1',
    ],
    [
      "forgedBelow above authenticAbove",
      { thresholds: { ...about.thresholds, image: { ...about.thresholds.image, forgedBelow: 0.7 } } },
      '"thresholds.image" is wrong: forgedBelow must not be above authenticAbove',
    ],
    [
      "thresholds of pictures alone",
      { thresholds: { image: about.thresholds.image } },
      '"thresholds.video" is wrong: Invalid input: expected object, received undefined',
    ],
    [
      "an empty limitation",
      { limitations: [""] },
      '"limitations.0" is wrong: Too small: expected string to have >=1 characters',
    ],
  ])("%s is MODEL_INVALID and named", async (_, change, what) => {
    const folder = folderWith(changed(change));
    await expect(readManifest(folder)).rejects.toMatchObject({
      code: "MODEL_INVALID",
      message: `Expected a model manifest of schema 2 in ${join(folder, "manifest.json")}, but ${what}.`,
    });
  });
});

describe("a manifest of another schema", () => {
  test.each([
    [
      1,
      /an earlier telltale made it\. Train the model again .* or use the model that comes with telltale\.$/,
    ],
    [3, /a later telltale made it\. Update telltale\.$/],
  ])("%d is MODEL_INVALID, and its sentence says what to do", async (schema, what) => {
    // What else it holds is of that schema, too.
    const folder = folderWith(changed({ schema, thresholds: { forgedBelow: 0.1 }, misses: [] }));
    const rejected = expect(loadModel(folder)).rejects;
    await rejected.toMatchObject({ code: "MODEL_INVALID", message: expect.stringMatching(what) });
    await expect(readManifest(folder)).rejects.toThrow(
      `Expected a model manifest of schema 2 in ${join(folder, "manifest.json")}, but it has schema ${schema}: `,
    );
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
    expect(shipped.parameters.count).toBe(3_199_620);
    expect(manifest.architecture).toBe("mobilenet-v1");
    expect(await listModels(modelsDir)).toContainEqual({ folder: defaultModelDir, manifest });
    shipped.parameters.dispose();
  });
});
