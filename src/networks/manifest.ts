import { z } from "zod";
import { architectures } from "./architecture-names.ts";
import { ganNetworkSchema } from "./gan/gan-network-schema.ts";
import { weightsSchema } from "./weights-file.ts";

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

/** Version of the format. Version 1 described models with up to two networks. */
export const MANIFEST_SCHEMA = 2;

/** manifest.json of a model folder: everything that detection needs besides the weights. */
export const modelManifestSchema = z.strictObject({
  schema: z.literal(MANIFEST_SCHEMA).describe("Version of this format"),
  name: z.string().min(1).describe("Name of the model"),
  version: z.string().min(1).describe("Version of the model"),
  architecture: z.enum(architectures).describe("Architecture of the network"),
  network: ganNetworkSchema.optional().describe("Sizes of the network, for GAN architectures"),
  crop: z
    .strictObject({
      sizePx: z.int().positive().describe("Side of the square face crop in pixels"),
      margin: z.number().positive().describe("Side of the crop as a multiple of the face mesh's longer side"),
    })
    .describe("How a face is cropped from a frame, in training and in detection"),
  minFacePx: z.int().positive().describe("Faces whose box has a shorter side than this are not scored"),
  weights: weightsSchema,
  calibration: z
    .strictObject({
      scale: z.number().positive().describe("Factor of the logit"),
      bias: z.number().describe("Added to the scaled logit"),
    })
    .describe("authenticity = sigmoid(scale * logit + bias) (Platt 1999)"),
  thresholds: z
    .strictObject({
      image: thresholds.describe("Thresholds of pictures"),
      video: thresholds.describe("Thresholds of videos; the authenticity of a video is a mean over frames"),
    })
    .describe("Between the two thresholds the verdict is inconclusive"),
  trainedOn: z.array(z.string()).describe("Sources of the training data"),
  limitations: z
    .array(z.string().min(1))
    .default([])
    .describe("Known weaknesses of the model, one sentence each; reports quote them"),
});

export type ModelManifest = z.infer<typeof modelManifestSchema>;

export type ModelThresholds = z.infer<typeof thresholds>;
