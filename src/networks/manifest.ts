import { z } from "zod";
import { architectures } from "./architectures.ts";
import { ganNetworkSchema } from "./gan/gan-network.ts";

const unit = z.number().min(0).max(1);

const thresholds = z.strictObject({
  forgedBelow: unit.describe("An authenticity below this is called forged"),
  authenticAbove: unit.describe("An authenticity above this is called authentic"),
  measuredFpr: unit.nullable().describe("Share of authentic media called forged at this threshold"),
  measuredOn: z.string().describe("What the false-positive rate was measured on"),
});

/** What stands beside a model's weights; everything that use must share with training is in here. */
export const modelManifestSchema = z.strictObject({
  schema: z.literal(1),
  name: z.string().min(1).describe("Name of the model"),
  version: z.string().min(1).describe("Version of the model"),
  architecture: z.enum(architectures),
  network: ganNetworkSchema
    .optional()
    .describe("Sizes of the network, where the architecture leaves them open"),
  crop: z
    .strictObject({
      sizePx: z.int().positive().describe("Side of the square face crop in pixels"),
      margin: z.number().positive().describe("Side of the crop as a multiple of the face mesh's longer side"),
    })
    .describe("How a face is cut out of a frame, the same in training and in use"),
  minFacePx: z.int().positive().describe("Faces whose box has a shorter side than this are not scored"),
  weights: z.strictObject({
    file: z.string().min(1),
    dtype: z.literal("float16"),
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
  }),
  calibration: z
    .strictObject({ scale: z.number().positive(), bias: z.number() })
    .describe("authenticity = sigmoid(scale * logit + bias) (Platt 1999)"),
  thresholds: thresholds.describe("For pictures, and for clips where those have none of their own"),
  clipThresholds: thresholds
    .optional()
    .describe("For clips: a mean over frames is less extreme than one picture's authenticity"),
  trainedOn: z.array(z.string()).describe("Data sources"),
  misses: z
    .array(z.string().min(1))
    .optional()
    .describe("What the model is known to miss, one sentence each; written by hand from its evaluation"),
});

export type ModelManifest = z.infer<typeof modelManifestSchema>;

export type ModelThresholds = z.infer<typeof thresholds>;

/** What a file's authenticity is held against. */
export function thresholdsFor(
  { thresholds, clipThresholds }: Pick<ModelManifest, "thresholds" | "clipThresholds">,
  kind: "video" | "image",
): ModelThresholds {
  return kind === "video" ? (clipThresholds ?? thresholds) : thresholds;
}
