import { z } from "zod";
import { architectures } from "./architecture-names.ts";
import { ganNetworkSchema } from "./gan/gan-network-schema.ts";

const unit = z.number().min(0).max(1);

const thresholds = z
  .strictObject({
    forgedBelow: unit.describe("An authenticity below this is called forged"),
    authenticAbove: unit.describe("An authenticity above this is called authentic"),
    measuredFpr: unit.nullable().describe("Fraction of real files called forged; null where not measured"),
    measuredMissRate: unit
      .nullable()
      .default(null)
      .describe("Fraction of forged files called authentic; null where not measured"),
    measuredOn: z.string().describe("Files that both rates were measured on"),
  })
  .refine(({ forgedBelow, authenticAbove }) => forgedBelow <= authenticAbove, {
    message: "forgedBelow must not be above authenticAbove",
  });

/** The schema's number; 1 was that of models with up to two networks. */
export const MANIFEST_SCHEMA = 2;

/** manifest.json of a model folder: what detection must know of the weights. */
export const modelManifestSchema = z.strictObject({
  schema: z.literal(MANIFEST_SCHEMA).describe("Version of this format"),
  name: z.string().min(1).describe("Name of the model"),
  version: z.string().min(1).describe("Version of the model"),
  architecture: z.enum(architectures).describe("Architecture of the network"),
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
  weights: z
    .strictObject({
      file: z.string().min(1).describe("Name of the file in the model's folder"),
      dtype: z.literal("float16").describe("Type of the stored values"),
      sha256: z
        .string()
        .regex(/^[0-9a-f]{64}$/)
        .describe("SHA-256 of the file"),
    })
    .describe("File with the weights"),
  calibration: z
    .strictObject({
      scale: z.number().positive().describe("Factor of the logit"),
      bias: z.number().describe("Added to the scaled logit"),
    })
    .describe("authenticity = sigmoid(scale * logit + bias) (Platt 1999)"),
  thresholds: z
    .strictObject({
      image: thresholds.describe("Thresholds of pictures"),
      video: thresholds.describe("Thresholds of videos, whose authenticity is a mean over frames"),
    })
    .describe("Between the two thresholds the verdict is inconclusive"),
  trainedOn: z.array(z.string()).describe("Sources of the training data"),
  limitations: z
    .array(z.string().min(1))
    .default([])
    .describe("What the model is known to miss, one sentence each; reports quote it"),
});

export type ModelManifest = z.infer<typeof modelManifestSchema>;

export type ModelThresholds = z.infer<typeof thresholds>;
