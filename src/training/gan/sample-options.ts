import { z } from "zod";
import { backendNames } from "../../engine/index.ts";

/** Options of `telltale sample`; defaults, ranges and descriptions live here only. */
export const sampleOptionsSchema = z.strictObject({
  from: z.string().min(1).describe("Folder of a GAN run, or of a generator"),
  out: z
    .string()
    .min(1)
    .describe(
      "PNG (grid), MP4 (interpolation between faces), or, with a trailing slash, a folder of pictures with an index.csv",
    ),
  count: z
    .int()
    .min(1)
    .max(100_000)
    .default(64)
    .describe("Faces in the grid or the folder; key frames of the interpolation"),
  columns: z.int().min(1).max(100).default(8).describe("Faces per row of the grid"),
  side: z
    .int()
    .min(16)
    .max(1024)
    .optional()
    .describe("Side of the pictures of the folder in pixels; default: the resolution of the generator"),
  truncation: z
    .number()
    .min(0)
    .max(1)
    .default(1)
    .describe("Truncation: values below 1 give less variety and fewer errors"),
  seconds: z.number().min(0.1).max(60).default(2).describe("Seconds between two key frames"),
  fps: z.int().min(1).max(60).default(25).describe("Frames per second of the MP4"),
  label: z.int().min(0).optional().describe("Class, for generators with classes"),
  seed: z.int().default(1).describe("Random seed"),
  backend: z
    .enum(["auto", ...backendNames])
    .default("auto")
    .describe("TensorFlow.js backend"),
});

export type SampleOptions = z.output<typeof sampleOptionsSchema>;
