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

  test("a graph for one image takes a batch, and each image gives what it gives alone", async () => {
    const model = await readGraphModel(humanModelPath("blazeface"), { batched: true });
    const run = (images: Tensor) =>
      (model.execute(images) as Tensor[]).find(({ shape }) => shape[1] === 512 && shape[2] === 1)!;
    const [together, alone] = tf.tidy(() => {
      const images = tf.randomUniform([3, 256, 256, 3], -1, 1, "float32", 1);
      const single = tf.slice(images, [1, 0, 0, 0], [1, -1, -1, -1]);
      return [run(images).arraySync() as number[][][], run(single).arraySync() as number[][][]];
    });
    expect(together).toHaveLength(3);
    const gap = together[1]!.reduce((max, row, i) => Math.max(max, Math.abs(row[0]! - alone[0]![i]![0]!)), 0);
    expect(gap).toBeLessThan(1e-4);
    model.dispose();
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

  test.each([false, true])("a file without a graph is MODEL_INVALID (batched: %s)", async (batched) => {
    const path = join(folder, "no-graph.json");
    writeFileSync(path, JSON.stringify({ modelTopology: {}, weightsManifest: [] }));
    await expect(readGraphModel(path, { batched })).rejects.toMatchObject({
      code: "MODEL_INVALID",
      message: `Expected a TensorFlow.js graph model at ${path}, but it does not load.`,
    });
  });
});
