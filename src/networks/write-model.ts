import { createHash } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { writeWhole } from "../files/write-file.ts";
import { toFloat16Bytes } from "./to-float16.ts";
import type { WeightsEntry } from "./weights-file.ts";

/**
 * Writes a model: the weights as float16, then the manifest with their checksum. An interrupted write leaves no manifest,
 * so no incomplete model can be loaded.
 *
 * @param values float32, one tensor after the other in the order of the architecture
 * @param options.files names of both files in the folder
 * @param options.manifestOf the checked manifest with the given entry for the weights
 * @returns the manifest as written
 */
export async function writeModel<Manifest>(
  folder: string,
  values: Float32Array,
  {
    files,
    manifestOf,
  }: {
    readonly files: { readonly manifest: string; readonly weights: string };
    readonly manifestOf: (weights: WeightsEntry) => Manifest;
  },
): Promise<Manifest> {
  const bytes = toFloat16Bytes(values);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const manifest = manifestOf({ file: files.weights, dtype: "float16", sha256 });
  await mkdir(folder, { recursive: true });
  await writeWhole(join(folder, files.weights), bytes);
  await writeWhole(join(folder, files.manifest), `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}
