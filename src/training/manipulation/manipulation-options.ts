import { z } from "zod";
import { backendNames } from "../../engine/index.ts";
import { people } from "../../networks/index.ts";

const positive = z.number().positive();

/** What the two trained forgers have in common. */
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
  batch: z.int().min(2).max(256).default(16).describe("Faces a step"),
  margin: z.number().min(1).max(1.6).default(1.3).describe("Side of the crop as a multiple of the face"),
  saveEvery: z.int().min(1).default(250).describe("Steps between two checkpoints"),
  sampleEvery: z.int().min(1).default(500).describe("Steps between two pictures of before and after"),
  precision: z
    .enum(["auto", "float32", "bfloat16"])
    .default("auto")
    .describe("Type that convolutions are computed in; auto = bfloat16 where the processor has it"),
  seed: z.int().default(1).describe("Seed of everything that is drawn"),
  threads: z.int().min(1).default(1).describe("Threads that read pictures"),
  cache: z.string().default("cache").describe("Folder where cut faces are kept between runs"),
  backend: z
    .enum(["auto", ...backendNames])
    .default("auto")
    .describe("TensorFlow.js backend"),
  resume: z.boolean().default(false).describe("Go on with the run in --out."),
};

/** Options of `telltale train restoration`; defaults, ranges and descriptions live here only. */
export const trainRestorationOptionsSchema = z.strictObject({
  data: z.string().min(1).describe("index.csv, or a folder of pictures and videos"),
  sources: z.string().default("").describe("Only these sources of the index, with commas between"),
  steps: z.int().min(1).default(3000).describe("Steps to train for; a resumed run may have more"),
  learningRate: positive.max(1).default(5e-4).describe("Of both networks"),
  adversarial: z
    .number()
    .min(0)
    .default(0.01)
    .describe("Weight of the discriminator's word beside the L1 distance (Wang et al. 2018 take 0.005)"),
  against: z
    .string()
    .min(1)
    .optional()
    .describe("Model folder of a detector that the network learns to deceive, e.g. models/face"),
  r1: z.number().min(0).default(1).describe("Weight of the R1 penalty (Mescheder et al. 2018)"),
  framesPerVideo: z.int().min(1).max(1000).default(8).describe("Frames taken of each video"),
  ...common,
});
export type TrainRestorationOptions = z.output<typeof trainRestorationOptionsSchema>;

/** Options of `telltale train swap`; defaults, ranges and descriptions live here only. */
export const trainSwapOptionsSchema = z.strictObject({
  a: z.string().min(1).describe("index.csv or folder of pictures and videos of one person"),
  b: z.string().min(1).describe("index.csv or folder of pictures and videos of the other"),
  steps: z.int().min(1).default(3000).describe("Steps to train for; a resumed run may have more"),
  learningRate: positive.max(1).default(1e-3).describe("Peak, of half a cosine"),
  framesPerVideo: z.int().min(1).max(1000).default(60).describe("Frames taken of each video"),
  ...common,
});
export type TrainSwapOptions = z.output<typeof trainSwapOptionsSchema>;

/** What the loop needs to know of either. */
export type ManipulationOptions = Pick<
  TrainSwapOptions,
  "steps" | "saveEvery" | "sampleEvery" | "batch" | "precision" | "margin"
>;

/** Options of `telltale forge`; defaults, ranges and descriptions live here only. */
export const forgeOptionsSchema = z.strictObject({
  from: z.string().min(1).describe("Folder of a run of `train restoration` or `train swap`"),
  data: z.string().min(1).describe("index.csv, or a folder of authentic pictures and videos"),
  out: z.string().min(1).describe("Folder for the forged pictures and their index.csv"),
  sources: z.string().default("").describe("Only these sources of the index, with commas between"),
  faces: z
    .string()
    .min(1)
    .optional()
    .describe("Restoration: index.csv or folder of other people's faces, which are put on first (face swap)"),
  person: z.enum(people).default("b").describe("Who faces become, of a swap"),
  asItIs: z
    .boolean()
    .default(false)
    .describe("Restoration: take faces as they are. Without it they are made small and soft first."),
  framesPerVideo: z.int().min(1).max(1000).default(8).describe("Frames taken of each video"),
  limit: z.int().min(1).optional().describe("Files taken at most, evenly over the data"),
  backend: z
    .enum(["auto", ...backendNames])
    .default("auto")
    .describe("TensorFlow.js backend"),
});
export type ForgeOptions = z.output<typeof forgeOptionsSchema>;
