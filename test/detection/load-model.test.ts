import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadModel } from "../../src/index.ts";
import { defaultModelDir } from "../../src/networks/index.ts";
import { fixture } from "../cli/run-cli.ts";

describe("loadModel", () => {
  test("takes the folder of a model, the shipped one by default, and judges files with it", async () => {
    const options = { backend: "wasm", workers: 1 } as const;
    const [shipped, named] = [await loadModel(undefined, options), await loadModel(defaultModelDir, options)];
    try {
      const [one, other] = [
        await shipped.detect(fixture("still.jpg")),
        await named.detect(fixture("still.jpg")),
      ];
      expect(one.authenticity).toBeGreaterThan(0);
      expect(other.authenticity).toBe(one.authenticity);
      expect(one.model.sha256).toBe(shipped.manifest.weights.sha256);
    } finally {
      await shipped.close();
      await named.close();
    }
  });

  test("says where it looked when there is no model", async () => {
    const nowhere = join(defaultModelDir, "nowhere");
    await expect(loadModel(nowhere)).rejects.toMatchObject({
      code: "MODEL_MISSING",
      message: `Expected a model folder with a manifest.json at ${nowhere}, but there is none. \`telltale models\` lists the models that are here.`,
    });
  });
});
