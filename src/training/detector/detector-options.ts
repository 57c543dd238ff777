import { z } from "zod";
import { backendNames } from "../../engine/index.ts";
import type { CropSpec } from "../../faces/index.ts";

const count = (min = 1) => z.number().int().min(min);
const fraction = z.number().min(0).max(1);

/** Options of `telltale train detector`; defaults, ranges and descriptions live here only. */
export const trainDetectorOptionsSchema = z.strictObject({
  data: z
    .string()
    .min(1)
    .describe(
      "index.csv of labelled images or videos (file, source, label, generator, group); several are separated by commas.",
    )
    .meta({ placeholder: "INDEX[,INDEX]" }),
  exclude: z
    .string()
    .default("")
    .describe("Generators or sources to exclude from training, separated by commas.")
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
      "Generators or sources to use for validation only, so that early stopping measures unseen generators.",
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
  warmUp: count(0).default(300).describe("Steps of linear learning-rate warm-up."),
  weightDecay: z.number().min(0).max(1).default(0.02).describe("Decoupled weight decay."),
  clipNorm: z.number().positive().default(1).describe("Maximum global norm of the gradients."),
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
    .describe("Decay of the exponential moving average of the weights, which becomes the model."),
  // At 32 px the last feature map of the backbone is one pixel, and all features are 0.
  size: count(64)
    .max(384)
    .multipleOf(32)
    .optional()
    .describe("Side of the face crop in pixels; default: that of --from, else 224."),
  margin: z
    .number()
    .min(1)
    .max(1.6)
    .optional()
    .describe("Side of the crop as a multiple of the face; default: that of --from, else 1.3."),
  evalEvery: count().default(500).describe("Steps between two validations."),
  patience: count(0)
    .default(8)
    .describe("Stop after this many validations without a better mean AUC; 0 = never."),
  saveEvery: count().default(250).describe("Steps between two checkpoints."),
  modelVersion: z.string().min(1).default("0.0.0").describe("Version in the manifest of the model."),
  seed: z.number().int().default(1).describe("Random seed."),
  threads: count().default(2).describe("Threads that prepare batches."),
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
 * @param crop crop of the initial weights; null for a new network
 */
export function resolveDetectorOptions(options: TrainDetectorOptions, crop: CropSpec | null = null) {
  const { sizePx, margin } = crop ?? NEW_CROP;
  return { ...options, size: options.size ?? sizePx, margin: options.margin ?? margin };
}

export type DetectorSettings = ReturnType<typeof resolveDetectorOptions>;

/** Whether training starts without trained heads. */
export const isNewModel = (from: string): from is "pretrained" | "random" =>
  from === "pretrained" || from === "random";
