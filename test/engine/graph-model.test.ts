import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  humanModelPath,
  readArtifacts,
  readGraphModel,
  type Tensor,
  tf,
  useBackend,
} from "../../src/engine/index.ts";

const folder = mkdtempSync(join(tmpdir(), "telltale-graph-"));
beforeAll(async () => {
  await useBackend("wasm");
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("readGraphModel", () => {
  test.each(["blazeface", "facemesh", "faceres"] as const)("reads %s", async (name) => {
    const model = await readGraphModel(humanModelPath(name));
    expect(model.inputs).toHaveLength(1);
    expect(model.outputs.length).toBeGreaterThan(0);
    model.dispose();
  });

  test("a graph for one size takes any other, and gives the same at its own", async () => {
    const path = humanModelPath("blazeface");
    const [fixed, free] = [await readGraphModel(path), await readGraphModel(path, { anySize: true })];
    const scores = (model: typeof fixed, height: number, width: number) =>
      tf.tidy(() => {
        const image = tf.randomUniform([1, height, width, 3], -1, 1, "float32", 1);
        return Array.from((model.execute(image, "Identity") as Tensor).dataSync());
      });
    expect(scores(free, 256, 256)).toEqual(scores(fixed, 256, 256));
    // Two anchors for each cell of 16 px.
    expect(scores(free, 96, 160)).toHaveLength(2 * 6 * 10);
    fixed.dispose();
    free.dispose();
  });

  test("a model that is not there is MODEL_MISSING", async () => {
    const path = join(folder, "nothing.json");
    await expect(readGraphModel(path)).rejects.toMatchObject({
      code: "MODEL_MISSING",
      message: `Expected a model at ${path}, but it cannot be read.`,
      cause: { code: "ENOENT" },
    });
  });

  test("a model whose weights are not there is MODEL_MISSING, and names the file", async () => {
    const path = join(folder, "blazeface.json");
    copyFileSync(humanModelPath("blazeface"), path);
    await expect(readGraphModel(path)).rejects.toMatchObject({
      code: "MODEL_MISSING",
      message: `Expected a model at ${join(folder, "blazeface.bin")}, but it cannot be read.`,
    });
  });

  test.each([
    ["text", "no JSON at all"],
    ["an object without weights", "{}"],
  ])("%s is MODEL_INVALID", async (_, text) => {
    const path = join(folder, "broken.json");
    writeFileSync(path, text);
    await expect(readArtifacts(path)).rejects.toMatchObject({
      code: "MODEL_INVALID",
      message: `Expected a TensorFlow.js graph model at ${path}, but its JSON is broken or names no weights.`,
    });
  });

  test.each([false, true])("a file without a graph is MODEL_INVALID (anySize: %s)", async (anySize) => {
    const path = join(folder, "no-graph.json");
    writeFileSync(path, JSON.stringify({ modelTopology: {}, weightsManifest: [] }));
    await expect(readGraphModel(path, { anySize })).rejects.toMatchObject({
      code: "MODEL_INVALID",
      message: `Expected a TensorFlow.js graph model at ${path}, but it does not load.`,
    });
  });
});
