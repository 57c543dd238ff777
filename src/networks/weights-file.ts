import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { TelltaleError } from "../errors.ts";
import { fromFloat16Bytes } from "./float16.ts";
import type { ModelManifest } from "./manifest.ts";

/**
 * The weights of a model folder, in memory that threads can share.
 *
 * @returns float32, one tensor after the other in the order of the architecture
 * @throws TelltaleError `MODEL_MISSING`; `MODEL_MISMATCH` when the weights are not those that the manifest names
 */
export async function readWeights(folder: string, { weights }: ModelManifest): Promise<Float32Array> {
  const path = join(folder, weights.file);
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw new TelltaleError(
      "MODEL_MISSING",
      `Expected the model's weights at ${path}, but they cannot be read.`,
      { cause },
    );
  }
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  if (sha256 !== weights.sha256) {
    throw new TelltaleError(
      "MODEL_MISMATCH",
      `Expected weights with SHA-256 ${weights.sha256.slice(0, 12)}... in ${path}, but they have ${sha256.slice(0, 12)}...: the file was changed or cut short. Take the model folder anew.`,
    );
  }
  return fromFloat16Bytes(bytes, new SharedArrayBuffer(2 * bytes.length));
}
