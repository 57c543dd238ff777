import { z } from "zod";
import { backendNames } from "../../engine/index.ts";
import type { CropSpec } from "../../faces/index.ts";
import { type Architecture, hasStatistics } from "../../networks/index.ts";

const count = (least = 1) => z.number().int().min(least);

/** Share of the forged faces that are self-blends, unless another is asked for. */
export const SELF_BLENDS = 0.3;

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
      "Generators, or whole sources, that are kept for validation: early stopping then goes by fakes of unseen making.",
    )
    .meta({ placeholder: "NAME[,NAME]" }),
  from: z
    .string()
    .min(1)
    .default("face-trunk")
    .describe("What training begins with: face-trunk, random, or the folder of a model or a run.")
    .meta({ placeholder: "RUN|MODEL" }),
  beside: z
    .string()
    .default("")
    .describe(
      "A finished model, or the run that made it, whose trunk was trained or that has such a first view: a first view beside the new one of statistics; both are calibrated on validation faces, and two fifths of the first's logit and three fifths of the second's decide.",
    )
    .meta({ placeholder: "RUN|MODEL" }),
  head: z
    .enum(["synthesis", "face", "statistics", "mean"])
    .default("synthesis")
    .describe(
      "What stands on a new trunk. mean: one unit over the mean of the last block; statistics: one hidden layer over means and deviations of twelve blocks of the whole crop, two classes; face: of the middle of the crop, three classes; synthesis: that of face and, where the trunk is frozen, a quadratic form beside it that looks for synthesised faces.",
    ),
  trunk: z
    .enum(["frozen", "trained"])
    .default("frozen")
    .describe("Whether the face trunk learns too; frozen, training is three times as fast."),
  draws: count(64)
    .default(60_000)
    .describe(
      "Faces that are drawn for a frozen trunk, which looks at each once; the head then learns from batches of them.",
    ),
  steps: count()
    .optional()
    .describe("Training steps, one batch each; default 3000, and 7000 where the trunk is trained."),
  batch: count(2)
    .multipleOf(2)
    .optional()
    .describe("Faces a step, half of them forged; default 256, and 32 where the trunk is trained."),
  selfBlends: z
    .number()
    .min(0)
    .max(1)
    .default(SELF_BLENDS)
    .describe("Share of the forged faces that are self-blends; the others are known fakes."),
  learningRate: z
    .number()
    .positive()
    .max(1)
    .optional()
    .describe("Peak learning rate of AdamW; default 3e-4, and 1.5e-4 where the trunk is trained."),
  warmUp: count(0).default(300).describe("Steps in which the learning rate rises."),
  weightDecay: z.number().min(0).max(1).default(0.02).describe("Decoupled weight decay."),
  clipNorm: z
    .number()
    .positive()
    .default(1)
    .describe("Longest gradient, all tensors together; a longer one is shortened to it."),
  dropout: z
    .number()
    .min(0)
    .max(0.9)
    .default(0.3)
    .describe("Share of the features left out before the head."),
  labelSmoothing: z.number().min(0).max(0.5).default(0.01).describe("How far targets are moved towards 0.5."),
  emaDecay: z
    .number()
    .min(0)
    .max(0.99999)
    .default(0.998)
    .describe("Decay of the averaged weights; they are what is kept."),
  keepStart: z
    .number()
    .min(0)
    .max(1)
    .default(0)
    .describe(
      "Share of what training began with in the finished weights: less gained on this data, less lost on other.",
    ),
  // At 32 px the trunk's last map is one pixel, and all of its features are 0.
  size: count(64)
    .max(384)
    .multipleOf(32)
    .optional()
    .describe(
      "Side of the face crop in pixels; default that of --from, else 256 with --head synthesis or face and 224 with others.",
    ),
  margin: z
    .number()
    .min(1)
    .max(1.6)
    .optional()
    .describe("Side of the crop as a multiple of the face; default that of --from, else 1.3."),
  evalEvery: count().default(500).describe("Steps between two looks at the validation faces."),
  patience: count(0)
    .default(8)
    .describe(
      "Looks at the validation faces without a better mean AUC after which training ends; 0 = never.",
    ),
  saveEvery: count().default(250).describe("Steps between two checkpoints."),
  adversarial: z
    .number()
    .min(0)
    .max(16)
    .default(0)
    .describe(
      "Half of each batch is changed against the network by up to this many of 255 grey levels, reached halfway, and the last weights are kept; 0 = not at all.",
    ),
  modelVersion: z.string().min(1).default("0.0.0").describe("Version that the model's manifest names."),
  seed: z.number().int().default(1).describe("Seed of everything that is drawn."),
  threads: count().default(2).describe("Threads that make batches."),
  cache: z
    .string()
    .min(1)
    .default("cache")
    .describe("Folder where the cut faces are kept between runs.")
    .meta({ placeholder: "DIR" }),
  backend: z
    .enum(["auto", ...backendNames])
    .default("auto")
    .describe("What computes."),
  resume: z.boolean().default(false).describe("Go on with the run in --out."),
});

export type TrainDetectorOptions = z.infer<typeof trainDetectorOptionsSchema>;

// At 2.5e-4 and above a trained trunk, whose batch norm is folded in, falls back to chance now and then.
const defaults = {
  frozen: { steps: 3000, batch: 256, learningRate: 3e-4 },
  trained: { steps: 7000, batch: 32, learningRate: 1.5e-4 },
} as const;

/** Of 256 pixels and 1.3 times the face, the middle that `face` and `synthesis` see is the face at 192 pixels. */
const sizes = { synthesis: 256, face: 256, statistics: 224, mean: 224 } as const;
const MARGIN = 1.3;

/**
 * The options with what depends on the head and on whether the trunk learns.
 *
 * @param learntOn the crop of what training begins with, if that has one
 */
export function resolveDetectorOptions(options: TrainDetectorOptions, learntOn: CropSpec | null = null) {
  const { steps, batch, learningRate } = defaults[options.trunk];
  return {
    ...options,
    size: options.size ?? learntOn?.sizePx ?? sizes[options.head],
    margin: options.margin ?? learntOn?.margin ?? MARGIN,
    steps: options.steps ?? steps,
    batch: options.batch ?? batch,
    learningRate: options.learningRate ?? learningRate,
  };
}

export type DetectorSettings = ReturnType<typeof resolveDetectorOptions>;

/** Whether training begins without a trained head. */
export const isNew = ({ from }: Pick<TrainDetectorOptions, "from">): boolean =>
  from === "face-trunk" || from === "random";

/** Whether a frozen trunk looks at all faces before the head learns: not where each step changes them against it. */
export function usesBank(settings: LearningTrunk, architecture: Architecture): boolean {
  return looksOnce(settings) && hasStatistics(architecture);
}

type LearningTrunk = Pick<DetectorSettings, "trunk" | "adversarial">;

/** Whether the trunk says the same of a face at every step. */
export const looksOnce = ({ trunk, adversarial }: LearningTrunk): boolean =>
  trunk === "frozen" && adversarial === 0;
