import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { z } from "zod";
import { writeWhole } from "../files/write-file.ts";
import { type Discriminator, discriminatorFromWeights } from "./discriminator.ts";
import { MANIFEST_SCHEMA, type ModelManifest, modelManifestSchema } from "./manifest.ts";
import { readManifest } from "./read-manifest.ts";
import { toFloat16Bytes } from "./to-float16.ts";
import { readWeights } from "./weights-file.ts";

/**
 * Reads a model from its folder and puts it on the current backend.
 *
 * @throws TelltaleError `MODEL_MISSING`, `MODEL_INVALID`; `MODEL_MISMATCH` when the weights are not those that the
 *   manifest names
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
 * Writes a model folder: `weights.bin` (16 bits) first, then `manifest.json`, so that a cut leaves no half model.
 *
 * @returns the manifest as written
 */
export async function saveModel(
  folder: string,
  values: Float32Array,
  manifest: Omit<z.input<typeof modelManifestSchema>, "schema" | "weights">,
): Promise<ModelManifest> {
  await mkdir(folder, { recursive: true });
  const bytes = toFloat16Bytes(values);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  await writeWhole(join(folder, "weights.bin"), bytes);
  const full = modelManifestSchema.parse({
    schema: MANIFEST_SCHEMA,
    ...manifest,
    weights: { file: "weights.bin", dtype: "float16", sha256 },
  });
  await writeWhole(join(folder, "manifest.json"), `${JSON.stringify(full, null, 2)}\n`);
  return full;
}
