import { z } from "zod";

/** Where `telltale detect` writes, and how much it says. */
export const outputOptionsSchema = z.strictObject({
  json: z
    .string()
    .min(1)
    .optional()
    .describe("Write the reports as JSON to a file, or with - to stdout; JSON Lines for several files.")
    .meta({ placeholder: "F" }),
  csv: z
    .string()
    .min(1)
    .optional()
    .describe("Write a CSV with one row for each face of each frame to a file, or with - to stdout.")
    .meta({ placeholder: "F" }),
  summary: z
    .string()
    .min(1)
    .optional()
    .describe("Write a CSV with one row for each file to a file.")
    .meta({ placeholder: "F" }),
  html: z
    .string()
    .min(1)
    .optional()
    .describe("Write a report for people, with pictures, that opens offline in a browser and prints.")
    .meta({ placeholder: "F" }),
  heatmaps: z
    .string()
    .min(1)
    .optional()
    .describe("Write each scored face into a folder, as a PNG that shows which parts look forged.")
    .meta({ placeholder: "DIR" }),
  overlay: z
    .string()
    .min(1)
    .optional()
    .describe(
      "Write the file anew with boxes, authenticity and heat drawn in: a video as MP4, a picture as PNG; for one file.",
    )
    .meta({ placeholder: "F" }),
  paths: z
    .boolean()
    .default(false)
    .describe("Keep the paths of files and model in what is written; without it, names alone, to hand on."),
  quiet: z
    .boolean()
    .default(false)
    .describe("Print nothing but errors and what --json - or --csv - asks for."),
  verbose: z.boolean().default(false).describe("Say on stderr what is used and how long each file takes."),
});

export type OutputOptions = z.output<typeof outputOptionsSchema>;
