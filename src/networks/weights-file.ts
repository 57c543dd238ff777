import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { TelltaleError } from "../errors.ts";
import { fromFloat16Bytes } from "./float16.ts";

/** The entry of a manifest that names its weights file. */
export const weightsSchema = z
  .strictObject({
    file: z.string().min(1).describe("Name of the file in the model's folder"),
    dtype: z.literal("float16").describe("Type of the stored values"),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .describe("SHA-256 of the file"),
  })
  .describe("File with the weights");

export type WeightsEntry = z.infer<typeof weightsSchema>;

/**
 * Reads a weights file into memory that threads can share.
 *
 * @returns float32, one tensor after the other in the order of the architecture
 * @throws TelltaleError `MODEL_MISSING`; `MODEL_MISMATCH` if the checksum differs from the manifest's
 */
export async function readWeights(
  folder: string,
  { weights }: { readonly weights: WeightsEntry },
): Promise<Float32Array> {
  const path = join(folder, weights.file);
  const bytes = await readFile(path).catch((cause: unknown) => {
    const sentence = `Expected the model's weights at ${path}, but they cannot be read.`;
    throw new TelltaleError("MODEL_MISSING", sentence, { cause });
  });
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  if (sha256 !== weights.sha256) {
    throw new TelltaleError(
      "MODEL_MISMATCH",
      `Expected weights with SHA-256 ${weights.sha256.slice(0, 12)}... in ${path}, but they have ${sha256.slice(0, 12)}...: the file was changed or cut short. Copy the model folder again.`,
    );
  }
  return fromFloat16Bytes(bytes, new SharedArrayBuffer(2 * bytes.length));
}
