import { z } from "zod";
import { backendNames } from "../../engine/index.ts";
import type { CropSpec } from "../../faces/index.ts";

const count = (least = 1) => z.number().int().min(least);
const fraction = z.number().min(0).max(1);

/** Options of `telltale train detector`; defaults, ranges and descriptions live here only. */
export const trainDetectorOptionsSchema = z.strictObject({
  data: z
    .string()
    .min(1)
    .describe(
      "index.csv of labelled images or videos (file, source, label, generator, group); several with commas between.",
    )
    .meta({ placeholder: "INDEX[,INDEX]" }),
  exclude: z
    .string()
    .default("")
    .describe("Generators, or whole sources, that are not trained on, with commas between.")
    .meta({ placeholder: "NAME[,NAME]" }),
  out: z
    .string()
    .min(1)
    .describe("Folder of the run; the model is written to its subfolder model/.")
    .meta({ placeholder: "DIR" }),
  validateOn: z
    .string()
    .default("")
    .describe(
      "Generators, or whole sources, that are kept for validation: early stopping then uses fakes of unseen generators.",
    )
    .meta({ placeholder: "NAME[,NAME]" }),
  from: z
    .string()
    .min(1)
    .default("pretrained")
    .describe(
      "Initial weights: pretrained (backbone of a face-description network), random, or the folder of a model or a run.",
    )
    .meta({ placeholder: "RUN|MODEL" }),
  freezeBackbone: z.boolean().default(false).describe("Train the heads only; three times as fast."),
  steps: count().default(7000).describe("Training steps of one batch each."),
  batch: count(2).multipleOf(2).default(32).describe("Faces in a batch; half of them are fakes."),
  selfBlends: fraction
    .default(0.3)
    .describe("Fraction of the fakes that are self-blends (Shiohara & Yamasaki 2022)."),
  swaps: fraction.default(0.1).describe("Fraction of the fakes that are swaps between two real faces."),
  learningRate: z.number().positive().max(1).default(1.5e-4).describe("Peak learning rate of AdamW."),
  warmUp: count(0).default(300).describe("Steps in which the learning rate rises."),
  weightDecay: z.number().min(0).max(1).default(0.02).describe("Decoupled weight decay."),
  clipNorm: z.number().positive().default(1).describe("Gradients are scaled down to this global norm."),
  dropout: z
    .number()
    .min(0)
    .max(0.9)
    .default(0.3)
    .describe("Fraction of the features that is dropped before the classification head."),
  labelSmoothing: z
    .number()
    .min(0)
    .max(0.5)
    .default(0.01)
    .describe("Fraction of each target that is spread over all classes."),
  emaDecay: z
    .number()
    .min(0)
    .max(0.99999)
    .default(0.998)
    .describe("Decay of the moving average of the weights; the average is kept."),
  // At 32 px the backbone's last map is one pixel, and all of its features are 0.
  size: count(64)
    .max(384)
    .multipleOf(32)
    .optional()
    .describe("Side of the face crop in pixels; default that of --from, else 224."),
  margin: z
    .number()
    .min(1)
    .max(1.6)
    .optional()
    .describe("Side of the crop as a multiple of the face; default that of --from, else 1.3."),
  evalEvery: count().default(500).describe("Steps between two validations."),
  patience: count(0)
    .default(8)
    .describe("Validations without a better mean AUC after which training stops; 0 = never."),
  saveEvery: count().default(250).describe("Steps between two checkpoints."),
  modelVersion: z.string().min(1).default("0.0.0").describe("Version that the model's manifest names."),
  seed: z.number().int().default(1).describe("Random seed."),
  threads: count().default(2).describe("Threads that make batches."),
  cache: z
    .string()
    .min(1)
    .default("cache")
    .describe("Folder that keeps the face crops between runs.")
    .meta({ placeholder: "DIR" }),
  backend: z
    .enum(["auto", ...backendNames])
    .default("auto")
    .describe("TensorFlow backend."),
  resume: z.boolean().default(false).describe("Resume the run in --out from its last checkpoint."),
});

export type TrainDetectorOptions = z.infer<typeof trainDetectorOptionsSchema>;

/** Crop of a network that starts from `pretrained` or `random`. */
const NEW_CROP = { sizePx: 224, margin: 1.3 } as const;

/**
 * The options with the defaults that depend on the initial weights.
 *
 * @param crop that of the initial weights, null where they have none
 */
export function resolveDetectorOptions(options: TrainDetectorOptions, crop: CropSpec | null = null) {
  const { sizePx, margin } = crop ?? NEW_CROP;
  return { ...options, size: options.size ?? sizePx, margin: options.margin ?? margin };
}

export type DetectorSettings = ReturnType<typeof resolveDetectorOptions>;

/** Whether training starts without trained heads. */
export const isNewModel = (from: string): from is "pretrained" | "random" =>
  from === "pretrained" || from === "random";
