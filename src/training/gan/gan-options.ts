import { z } from "zod";
import { backendNames } from "../../engine/index.ts";
import { TelltaleError } from "../../errors.ts";
import { ganArchitectures } from "../../networks/index.ts";

const positive = z.number().positive();

/** Options of `telltale train gan`; defaults, ranges and descriptions live here only. `presets` has those of the papers. */
export const trainGanOptionsSchema = z.strictObject({
  data: z.string().min(1).describe("index.csv, or a folder of pictures and videos"),
  out: z
    .string()
    .min(1)
    .describe("Folder of the run; with a trailing slash, a new numbered folder inside it."),
  arch: z.enum(ganArchitectures).default("style").describe("Architecture of both networks"),
  discriminator: z
    .enum(["own", "trunk"])
    .default("own")
    .describe(
      "own: the discriminator of the architecture; trunk: projected heads on the pretrained backbone",
    ),
  resolution: z
    .int()
    .min(16)
    .max(128)
    .refine((side) => Number.isInteger(Math.log2(side)), "Expected 16, 32, 64 or 128 for --resolution.")
    .default(64)
    .describe("Side of the images in pixels: 16, 32, 64 or 128"),
  width: z.int().min(2).max(128).optional().describe("Channels at full resolution; default by architecture"),
  maxChannels: z.int().min(4).max(1024).default(128).describe("Maximum number of channels at low resolution"),
  latent: z.int().min(8).max(512).default(128).describe("Length of the latent vector"),
  kimg: positive
    .default(100)
    .describe("Length of the training in thousands of real images; a resumed run may have more"),
  batch: z.int().min(2).max(256).default(32).describe("Images per step"),
  loss: z.enum(["non-saturating", "hinge"]).optional().describe("Adversarial loss; default by architecture"),
  gLearningRate: positive
    .max(1)
    .optional()
    .describe("Learning rate of the generator; default by architecture"),
  dLearningRate: positive
    .max(1)
    .optional()
    .describe("Learning rate of the discriminator; default by architecture"),
  schedule: z
    .enum(["constant", "linear", "cosine"])
    .default("constant")
    .describe("Schedule of the learning rates; linear and cosine decay to 0"),
  r1: z.number().min(0).optional().describe("Weight of the R1 penalty, 0 = none; default by architecture"),
  r1Every: z
    .int()
    .min(1)
    .default(16)
    .describe(
      "Steps between two R1 penalties, which are weighted accordingly (lazy regularisation, Karras et al. 2020)",
    ),
  augment: z
    .string()
    .regex(/^(none|(colour|translation|cutout)(,(colour|translation|cutout))*)$/)
    .default("colour,translation,cutout")
    .describe("Parts of DiffAugment, or none (Zhao et al. 2020)"),
  featureMatching: z
    .number()
    .min(0)
    .default(0)
    .describe("Weight of the feature-matching loss of the generator (Salimans et al. 2016: 1)"),
  labelSmoothing: z
    .number()
    .min(0)
    .max(0.5)
    .default(0)
    .describe(
      "One-sided label smoothing of reals, with the non-saturating loss only (Salimans et al. 2016: 0.1)",
    ),
  clipNorm: z.number().min(0).default(0).describe("Maximum gradient norm of each network; 0 = no clipping"),
  emaKimg: z
    .number()
    .min(0)
    .optional()
    .describe("Half-life of the averaged generator in kimg; default batch * 10 / 32 (Karras et al. 2020)"),
  growKimg: positive
    .default(10)
    .describe("`progressive`: kimg per fade-in and per stable phase (Karras et al. 2018: 600)"),
  precision: z
    .enum(["auto", "float32", "bfloat16"])
    .default("auto")
    .describe("Type of convolutions; auto = bfloat16 if the processor supports it"),
  classes: z
    .string()
    .min(1)
    .default("none")
    .describe(
      "`big`: class of an image: source, attributes, or one attribute such as gender; none = no classes",
    ),
  crop: z.enum(["face", "whole"]).default("face").describe("face: crop the face; whole: the central square"),
  margin: z.number().min(1).max(1.6).default(1.3).describe("Side of the crop as a multiple of the face"),
  sources: z.string().default("").describe("Only these sources of the index, separated by commas"),
  holdOut: z
    .int()
    .min(0)
    .max(50)
    .default(25)
    .describe(
      "Percentage of the groups that are not trained on: two in five of them measure overfitting, the others are left for tests; 0 = none.",
    ),
  oriented: z
    .boolean()
    .default(false)
    .describe("Do not mirror the reals; by default half of them are mirrored."),
  framesPerVideo: z.int().min(1).max(1000).default(8).describe("Frames per video"),
  saveKimg: positive.default(5).describe("kimg between two checkpoints"),
  sampleKimg: positive.default(10).describe("kimg between two sample grids"),
  evalKimg: z.number().min(0).default(25).describe("kimg between two measurements; 0 = only at the end"),
  evalSamples: z
    .int()
    .min(8)
    .max(50_000)
    .default(1000)
    .describe("Number of reals and of fakes in a measurement"),
  extractor: z
    .string()
    .optional()
    .describe("Folder of a tfjs graph model for the metrics, instead of the face network"),
  watts: positive.default(65).describe("Power in watts, to estimate energy if the system cannot measure it"),
  seed: z.int().default(1).describe("Random seed"),
  threads: z.int().min(1).default(1).describe("Threads that load images"),
  cache: z.string().default("cache").describe("Folder that keeps the image crops between runs"),
  backend: z
    .enum(["auto", ...backendNames])
    .default("auto")
    .describe("TensorFlow.js backend"),
  from: z
    .string()
    .min(1)
    .optional()
    .describe(
      "Folder of a trained GAN of the same architecture and sizes, as initial weights. Its kimg count; the optimizer state is not kept.",
    ),
  resume: z.boolean().default(false).describe("Resume the run in --out from its last checkpoint."),
  retune: z
    .boolean()
    .default(false)
    .describe(
      "With --resume: allow new values of the learning rates, --schedule, --r1, --augment, --feature-matching, --label-smoothing and --clip-norm. stats.jsonl records the change.",
    ),
  dryRun: z.boolean().default(false).describe("Print the networks and the plan without training."),
});

export type TrainGanOptions = z.output<typeof trainGanOptionsSchema>;

interface Preset {
  /** Channels at full resolution; at most a quarter of a GFLOP per image and network at 64 px. */
  readonly width: number;
  readonly loss: "non-saturating" | "hinge";
  readonly gLearningRate: number;
  readonly dLearningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  /** Weight of R1 by number of pixels and batch size. */
  readonly r1: (pixels: number, batch: number) => number;
}

/** Hyperparameters of the papers. */
const presets: Record<(typeof ganArchitectures)[number] | "projected", Preset> = {
  // Radford et al. 2016, with R1 instead of batch norm in the discriminator (Mescheder et al. 2018 take weight 10 for images of
  // up to 1024 px).
  vanilla: {
    width: 16,
    loss: "non-saturating",
    gLearningRate: 2e-4,
    dLearningRate: 2e-4,
    beta1: 0.5,
    beta2: 0.999,
    r1: () => 1,
  },
  // Karras et al. 2018, with R1 of weight 10 instead of the gradient penalty (Karras et al. 2019).
  progressive: {
    width: 16,
    loss: "non-saturating",
    gLearningRate: 1e-3,
    dLearningRate: 1e-3,
    beta1: 0,
    beta2: 0.99,
    r1: () => 10,
  },
  // Karras et al. 2020; weight of R1 as in the authors' automatic configuration.
  style: {
    width: 16,
    loss: "non-saturating",
    gLearningRate: 2e-3,
    dLearningRate: 2e-3,
    beta1: 0,
    beta2: 0.99,
    r1: (pixels, batch) => (0.0002 * pixels) / batch,
  },
  // Two time scales: Heusel et al. 2017, Zhang et al. 2019.
  big: {
    width: 8,
    loss: "hinge",
    gLearningRate: 1e-4,
    dLearningRate: 4e-4,
    beta1: 0,
    beta2: 0.9,
    r1: () => 0,
  },
  // Sauer et al. 2021.
  projected: {
    width: 16,
    loss: "hinge",
    gLearningRate: 2e-4,
    dLearningRate: 2e-4,
    beta1: 0,
    beta2: 0.99,
    r1: () => 0,
  },
};

/**
 * The options with the defaults of the architecture.
 *
 * @throws TelltaleError `USAGE` for options without effect
 */
export function resolveGanOptions(options: TrainGanOptions) {
  const refuse = (sentence: string) => {
    throw new TelltaleError("USAGE", sentence);
  };
  if (options.retune && !options.resume)
    refuse("Expected --resume with --retune, which changes a resumed run.");
  if (options.classes !== "none" && options.arch !== "big") {
    refuse(`Expected --arch big with --classes, but received ${options.arch}, which has no classes.`);
  }
  const preset = presets[options.discriminator === "trunk" ? "projected" : options.arch];
  const loss = options.loss ?? preset.loss;
  if (options.labelSmoothing > 0 && loss === "hinge") {
    refuse("Expected --loss non-saturating with --label-smoothing, but received hinge.");
  }
  return {
    ...options,
    width: options.width ?? presets[options.arch].width,
    loss,
    // The learning rate of the generator depends on its own weight scaling, not on the discriminator.
    gLearningRate: options.gLearningRate ?? presets[options.arch].gLearningRate,
    dLearningRate: options.dLearningRate ?? preset.dLearningRate,
    beta1: preset.beta1,
    beta2: preset.beta2,
    r1: options.r1 ?? preset.r1(options.resolution ** 2, options.batch),
    emaKimg: options.emaKimg ?? (options.batch * 10) / 32,
  };
}

export type ResolvedGanOptions = ReturnType<typeof resolveGanOptions>;
