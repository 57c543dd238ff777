import { z } from "zod";
import { backendNames } from "../../engine/index.ts";

/** Options of `telltale sample`; defaults, ranges and descriptions live here only. */
export const sampleOptionsSchema = z.strictObject({
  from: z.string().min(1).describe("Folder of a GAN run, or of a generator"),
  out: z
    .string()
    .min(1)
    .describe(
      "PNG with a grid, MP4 with a walk between faces, or, with a slash at its end, a folder of pictures with an index.csv",
    ),
  count: z
    .int()
    .min(1)
    .max(100_000)
    .default(64)
    .describe("Faces in the grid or the folder; places of the walk"),
  columns: z.int().min(1).max(100).default(8).describe("Faces in a row of the grid"),
  side: z
    .int()
    .min(16)
    .max(1024)
    .optional()
    .describe(
      "Side of the folder's pictures in pixels, for a detector that wants larger faces; as made when left out",
    ),
  truncation: z
    .number()
    .min(0)
    .max(1)
    .default(1)
    .describe("How far faces may be from the average; below 1 fewer kinds, fewer errors"),
  seconds: z.number().min(0.1).max(60).default(2).describe("Seconds from one place of the walk to the next"),
  fps: z.int().min(1).max(60).default(25).describe("Frames per second of the walk"),
  label: z.int().min(0).optional().describe("Class, of generators that were trained with classes"),
  seed: z.int().default(1).describe("Seed of the faces"),
  backend: z
    .enum(["auto", ...backendNames])
    .default("auto")
    .describe("TensorFlow.js backend"),
});

export type SampleOptions = z.output<typeof sampleOptionsSchema>;
