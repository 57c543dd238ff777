import { z } from "zod";
import { backendNames } from "../../engine/index.ts";
import { people } from "../../networks/index.ts";

const positive = z.number().positive();

/** Options of both trainings. */
const common = {
  out: z.string().min(1).describe("Folder of the run"),
  resolution: z
    .int()
    .min(32)
    .max(128)
    .refine((side) => Number.isInteger(Math.log2(side)), "Expected 32, 64 or 128 for --resolution.")
    .default(64)
    .describe("Side of the faces in pixels: 32, 64 or 128"),
  width: z.int().min(4).max(64).default(16).describe("Channels at full resolution"),
  batch: z.int().min(2).max(256).default(16).describe("Faces per step"),
  margin: z.number().min(1).max(1.6).default(1.3).describe("Side of the crop as a multiple of the face"),
  saveEvery: z.int().min(1).default(250).describe("Steps between two checkpoints"),
  sampleEvery: z
    .int()
    .min(1)
    .default(500)
    .describe("Steps between two sample sheets of faces before and after"),
  precision: z
    .enum(["auto", "float32", "bfloat16"])
    .default("auto")
    .describe("Type of convolutions; auto = bfloat16 if the processor supports it"),
  seed: z.int().default(1).describe("Random seed"),
  threads: z.int().min(1).default(1).describe("Threads that read pictures"),
  cache: z.string().default("cache").describe("Folder that keeps the face crops between runs"),
  backend: z
    .enum(["auto", ...backendNames])
    .default("auto")
    .describe("TensorFlow.js backend"),
  resume: z.boolean().default(false).describe("Resume the run in --out from its last checkpoint."),
};

/** Options of `telltale train restoration`; defaults, ranges and descriptions live here only. */
export const trainRestorationOptionsSchema = z.strictObject({
  data: z.string().min(1).describe("index.csv, or a folder of pictures and videos"),
  sources: z.string().default("").describe("Only these sources of the index, separated by commas"),
  steps: z.int().min(1).default(3000).describe("Training steps; a resumed run may have more"),
  learningRate: positive.max(1).default(5e-4).describe("Learning rate of both networks"),
  adversarial: z
    .number()
    .min(0)
    .default(0.01)
    .describe("Weight of the adversarial loss relative to the L1 loss (Wang et al. 2018 take 0.005)"),
  against: z
    .string()
    .min(1)
    .optional()
    .describe("Model folder of a detector that the network learns to deceive, e.g. models/face"),
  r1: z.number().min(0).default(1).describe("Weight of the R1 penalty (Mescheder et al. 2018)"),
  framesPerVideo: z.int().min(1).max(1000).default(8).describe("Frames per video"),
  ...common,
});
export type TrainRestorationOptions = z.output<typeof trainRestorationOptionsSchema>;

/** Options of `telltale train swap`; defaults, ranges and descriptions live here only. */
export const trainSwapOptionsSchema = z.strictObject({
  a: z.string().min(1).describe("index.csv or folder of pictures and videos of one person"),
  b: z.string().min(1).describe("index.csv or folder of pictures and videos of the other"),
  steps: z.int().min(1).default(3000).describe("Training steps; a resumed run may have more"),
  learningRate: positive.max(1).default(1e-3).describe("Peak learning rate; it falls along half a cosine"),
  framesPerVideo: z.int().min(1).max(1000).default(60).describe("Frames per video"),
  ...common,
});
export type TrainSwapOptions = z.output<typeof trainSwapOptionsSchema>;

/** Options of the training loop. */
export type ManipulationOptions = Pick<
  TrainSwapOptions,
  "steps" | "saveEvery" | "sampleEvery" | "batch" | "precision" | "margin"
>;

/** Options of `telltale forge`; defaults, ranges and descriptions live here only. */
export const forgeOptionsSchema = z.strictObject({
  from: z.string().min(1).describe("Folder of a run of `train restoration` or `train swap`"),
  data: z.string().min(1).describe("index.csv, or a folder of real pictures and videos"),
  out: z.string().min(1).describe("Folder for the fake pictures and their index.csv"),
  sources: z.string().default("").describe("Only these sources of the index, separated by commas"),
  faces: z
    .string()
    .min(1)
    .optional()
    .describe("index.csv or folder of other people's faces; with a restoration model: face swaps"),
  person: z.enum(people).default("b").describe("Target person of a swap"),
  asItIs: z
    .boolean()
    .default(false)
    .describe("Restoration: use faces as they are instead of degrading them first."),
  framesPerVideo: z.int().min(1).max(1000).default(8).describe("Frames per video"),
  limit: z.int().min(1).optional().describe("Maximum number of files, spread evenly over the data"),
  backend: z
    .enum(["auto", ...backendNames])
    .default("auto")
    .describe("TensorFlow.js backend"),
});
export type ForgeOptions = z.output<typeof forgeOptionsSchema>;
