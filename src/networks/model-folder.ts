import type { z } from "zod";
import { type Discriminator, discriminatorFromWeights } from "./discriminator.ts";
import { MANIFEST_SCHEMA, type ModelManifest, modelManifestSchema } from "./manifest.ts";
import { readManifest } from "./read-manifest.ts";
import { readWeights } from "./weights-file.ts";
import { writeModel } from "./write-model.ts";

/**
 * Reads a model from its folder and puts it on the current backend.
 *
 * @throws TelltaleError `MODEL_MISSING`, `MODEL_INVALID`; `MODEL_MISMATCH` if the weights are not those of the manifest
 */
export async function loadModel(
  folder: string,
): Promise<{ discriminator: Discriminator; manifest: ModelManifest }> {
  const manifest = await readManifest(folder);
  const values = await readWeights(folder, manifest);
  return {
    discriminator: discriminatorFromWeights(manifest.architecture, values, manifest.network),
    manifest,
  };
}

/**
 * Writes `weights.bin` and `manifest.json`.
 *
 * @returns the manifest as written
 */
export async function saveModel(
  folder: string,
  values: Float32Array,
  about: Omit<z.input<typeof modelManifestSchema>, "schema" | "weights">,
): Promise<ModelManifest> {
  return writeModel(folder, values, {
    files: { manifest: "manifest.json", weights: "weights.bin" },
    manifestOf: (weights) => modelManifestSchema.parse({ schema: MANIFEST_SCHEMA, ...about, weights }),
  });
}
