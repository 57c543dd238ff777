import { z } from "zod";
import { backendNames } from "../engine/index.ts";

/** Options of `telltale train detector`; defaults, ranges and descriptions live here only. */
export const trainDetectorOptionsSchema = z.strictObject({
  data: z
    .string()
    .min(1)
    .describe("index.csv of labelled face images (file, source, label, generator, group)"),
  out: z.string().min(1).describe("folder of the run; the model is written to its subfolder model/"),
  from: z.enum(["face-trunk", "random"]).default("face-trunk").describe("what the discriminator starts from"),
  steps: z.number().int().min(1).default(7000).describe("training steps, one batch each"),
  batch: z.coerce
    .number()
    .int()
    .min(2)
    .multipleOf(2)
    .default(32)
    .describe("faces a step, half of them forged"),
  learningRate: z.number().positive().max(1).default(1.5e-4).describe("peak learning rate of AdamW"),
  // At 2.5e-4 and above the trunk, whose batch norm is folded in, collapses every few hundred steps.
  warmUp: z.number().int().min(0).default(300).describe("steps in which the learning rate rises"),
  weightDecay: z.number().min(0).max(1).default(0.02).describe("decoupled weight decay"),
  clipNorm: z
    .number()
    .positive()
    .default(1)
    .describe("Longest gradient, all tensors together; a longer one is shortened to it."),
  dropout: z.coerce
    .number()
    .min(0)
    .max(0.9)
    .default(0.3)
    .describe("share of the features left out before the head"),
  labelSmoothing: z.coerce
    .number()
    .min(0)
    .max(0.5)
    .default(0.01)
    .describe("how far targets are moved towards 0.5"),
  emaDecay: z.coerce
    .number()
    .min(0)
    .max(0.99999)
    .default(0.998)
    .describe("decay of the averaged weights that are kept"),
  size: z.coerce
    .number()
    .int()
    .min(32)
    .max(256)
    .multipleOf(32)
    .default(160)
    .describe("side of the face crop in pixels"),
  margin: z.coerce
    .number()
    .min(1)
    .max(1.6)
    .default(1.3)
    .describe("side of the crop as a multiple of the face"),
  evalEvery: z.coerce
    .number()
    .int()
    .min(1)
    .default(500)
    .describe("steps between two looks at the validation faces"),
  saveEvery: z.number().int().min(1).default(250).describe("steps between two checkpoints"),
  seed: z.number().int().default(1).describe("seed of everything that is drawn"),
  threads: z.number().int().min(1).default(2).describe("threads that make batches"),
  cache: z.string().default("cache").describe("folder where the cut faces are kept between runs"),
  backend: z
    .enum(["auto", ...backendNames])
    .default("auto")
    .describe("TensorFlow.js backend"),
  resume: z.boolean().default(false).describe("go on with the run in --out"),
});

export type TrainDetectorOptions = z.infer<typeof trainDetectorOptionsSchema>;
