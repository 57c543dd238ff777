import { z } from "zod";
import { backendNames } from "../../engine/index.ts";
import { TelltaleError } from "../../errors.ts";
import { ganArchitectures } from "../../networks/index.ts";

const positive = z.number().positive();

/** Options of `telltale train gan`; defaults, ranges and descriptions live here only, those of a paper in `presets`. */
export const trainGanOptionsSchema = z.strictObject({
  data: z.string().min(1).describe("index.csv, or a folder of pictures and videos"),
  out: z.string().min(1).describe("Folder of the run; with a slash at its end, a numbered folder within it."),
  arch: z.enum(ganArchitectures).default("style").describe("Architecture of both networks"),
  discriminator: z
    .enum(["own", "trunk"])
    .default("own")
    .describe("The architecture's own discriminator, or projected heads on the face trunk"),
  resolution: z
    .int()
    .min(16)
    .max(128)
    .refine((side) => Number.isInteger(Math.log2(side)), "Expected 16, 32, 64 or 128 for --resolution.")
    .default(64)
    .describe("Side of the pictures in pixels: 16, 32, 64 or 128"),
  width: z.int().min(2).max(128).optional().describe("Channels at full resolution; default by architecture"),
  maxChannels: z.int().min(4).max(1024).default(128).describe("Channels at low resolution at most"),
  latent: z.int().min(8).max(512).default(128).describe("Length of the latent vector"),
  kimg: positive
    .default(100)
    .describe("Thousands of real pictures to train for; a resumed run may have more"),
  batch: z.int().min(2).max(256).default(32).describe("Pictures a step"),
  loss: z.enum(["non-saturating", "hinge"]).optional().describe("Adversarial loss; default by architecture"),
  gLearningRate: positive.max(1).optional().describe("Generator's learning rate; default by architecture"),
  dLearningRate: positive
    .max(1)
    .optional()
    .describe("Discriminator's learning rate; default by architecture"),
  schedule: z
    .enum(["constant", "linear", "cosine"])
    .default("constant")
    .describe("Learning rates over the run: as they are, or down to nothing"),
  r1: z.number().min(0).optional().describe("Weight of the R1 penalty, 0 = none; default by architecture"),
  r1Every: z
    .int()
    .min(1)
    .default(16)
    .describe("Steps between two R1 penalties, which then count as many times (Karras et al. 2020)"),
  augment: z
    .string()
    .regex(/^(none|(colour|translation|cutout)(,(colour|translation|cutout))*)$/)
    .default("colour,translation,cutout")
    .describe("DiffAugment's parts, or none (Zhao et al. 2020)"),
  featureMatching: z
    .number()
    .min(0)
    .default(0)
    .describe("Weight of feature matching in the generator's loss (Salimans et al. 2016: 1)"),
  labelSmoothing: z
    .number()
    .min(0)
    .max(0.5)
    .default(0)
    .describe(
      "How far reals' targets are moved to 0.5 or below, non-saturating only (Salimans et al. 2016: 0.1)",
    ),
  clipNorm: z.number().min(0).default(0).describe("Longest gradient of each network, 0 = any"),
  emaKimg: z
    .number()
    .min(0)
    .optional()
    .describe("Half-life of the averaged generator in kimg; default batch * 10 / 32 (Karras et al. 2020)"),
  growKimg: positive
    .default(10)
    .describe("`progressive`: kimg of each fade and each stay (Karras et al. 2018: 600)"),
  precision: z
    .enum(["auto", "float32", "bfloat16"])
    .default("auto")
    .describe("Type that convolutions are computed in; auto = bfloat16 where the processor has it"),
  classes: z
    .string()
    .min(1)
    .default("none")
    .describe(
      "`big`: what the class is: source, attributes as they stand, or one of them, e.g. gender; none = no classes",
    ),
  crop: z
    .enum(["face", "whole"])
    .default("face")
    .describe("Find and cut the face, or take the middle square"),
  margin: z.number().min(1).max(1.6).default(1.3).describe("Side of the crop as a multiple of the face"),
  sources: z.string().default("").describe("Only these sources of the index, with commas between"),
  holdOut: z
    .int()
    .min(0)
    .max(50)
    .default(25)
    .describe(
      "Percent of the groups that are not trained on: two in five of them show whether the discriminator learns by heart, the others are left for tests; 0 = none.",
    ),
  oriented: z.boolean().default(false).describe("Never mirror the reals; without it every second one is."),
  framesPerVideo: z.int().min(1).max(1000).default(8).describe("Frames taken of each video"),
  saveKimg: positive.default(5).describe("kimg between two checkpoints"),
  sampleKimg: positive.default(10).describe("kimg between two sample grids"),
  evalKimg: z.number().min(0).default(25).describe("kimg between two measurements, 0 = only at the end"),
  evalSamples: z.int().min(8).max(50_000).default(1000).describe("Pictures of each kind that are measured"),
  extractor: z
    .string()
    .optional()
    .describe("Folder of a tfjs graph model whose features are measured instead of the face network's"),
  watts: positive.default(65).describe("Power to estimate energy from where the kernel does not measure it"),
  seed: z.int().default(1).describe("Seed of everything that is drawn"),
  threads: z.int().min(1).default(1).describe("Threads that read pictures"),
  cache: z.string().default("cache").describe("Folder where cut pictures are kept between runs"),
  backend: z
    .enum(["auto", ...backendNames])
    .default("auto")
    .describe("TensorFlow.js backend"),
  from: z
    .string()
    .min(1)
    .optional()
    .describe(
      "Folder of a trained GAN of the same architecture and sizes to begin with; its kimg count, its optimisers' moments are lost.",
    ),
  resume: z.boolean().default(false).describe("Go on with the run in --out."),
  retune: z
    .boolean()
    .default(false)
    .describe(
      "With --resume: take on other rates, --schedule, --r1, --augment, --feature-matching, --label-smoothing or --clip-norm from here on; stats.jsonl keeps where.",
    ),
  dryRun: z.boolean().default(false).describe("Print the networks and the plan, and train nothing."),
});

export type TrainGanOptions = z.output<typeof trainGanOptionsSchema>;

interface Preset {
  /** Channels at full resolution: at most a quarter of a GFLOP a picture and network at 64 px. */
  readonly width: number;
  readonly loss: "non-saturating" | "hinge";
  readonly gLearningRate: number;
  readonly dLearningRate: number;
  readonly beta1: number;
  readonly beta2: number;
  /** Weight of R1 for a number of pixels and a batch. */
  readonly r1: (pixels: number, batch: number) => number;
}

/** What each architecture's paper trains with. */
export const presets: Record<(typeof ganArchitectures)[number] | "projected", Preset> = {
  // Radford et al. 2016; R1 in place of the batch norm that its discriminator had (Mescheder et al. 2018, who take 10 for
  // pictures of up to 1024 px; a small discriminator sees less of it).
  vanilla: {
    width: 16,
    loss: "non-saturating",
    gLearningRate: 2e-4,
    dLearningRate: 2e-4,
    beta1: 0.5,
    beta2: 0.999,
    r1: () => 1,
  },
  // Karras et al. 2018; R1 with weight 10 for its gradient penalty (Karras et al. 2019).
  progressive: {
    width: 16,
    loss: "non-saturating",
    gLearningRate: 1e-3,
    dLearningRate: 1e-3,
    beta1: 0,
    beta2: 0.99,
    r1: () => 10,
  },
  // Karras et al. 2020; the penalty's weight as in the authors' automatic configuration.
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
 * The options with everything that the architecture decides filled in.
 *
 * @throws TelltaleError `USAGE` for options that would do nothing
 */
export function resolveGanOptions(options: TrainGanOptions) {
  const refuse = (sentence: string) => {
    throw new TelltaleError("USAGE", sentence);
  };
  if (options.retune && !options.resume)
    refuse("Expected --resume beside --retune, which goes on with a run.");
  if (options.classes !== "none" && options.arch !== "big") {
    refuse(`Expected --arch big beside --classes, but received ${options.arch}, which takes none.`);
  }
  const preset = presets[options.discriminator === "trunk" ? "projected" : options.arch];
  const loss = options.loss ?? preset.loss;
  if (options.labelSmoothing > 0 && loss === "hinge") {
    refuse("Expected --loss non-saturating beside --label-smoothing, but received hinge.");
  }
  return {
    ...options,
    width: options.width ?? presets[options.arch].width,
    loss,
    // The generator's rate fits how its kernels are scaled, whoever judges it.
    gLearningRate: options.gLearningRate ?? presets[options.arch].gLearningRate,
    dLearningRate: options.dLearningRate ?? preset.dLearningRate,
    beta1: preset.beta1,
    beta2: preset.beta2,
    r1: options.r1 ?? preset.r1(options.resolution ** 2, options.batch),
    emaKimg: options.emaKimg ?? (options.batch * 10) / 32,
  };
}

export type ResolvedGanOptions = ReturnType<typeof resolveGanOptions>;
