import { z } from "zod";

/** Options of `telltale evaluate`; defaults, ranges and descriptions live here only. */
export const evaluateOptionsSchema = z.strictObject({
  data: z
    .string()
    .min(1)
    .describe("index.csv of labelled images or videos (file, label, group; source, generator, crop).")
    .meta({ placeholder: "INDEX" }),
  out: z
    .string()
    .min(1)
    .optional()
    .describe("Folder for evaluation.json and files.jsonl; only the table is printed when left out.")
    .meta({ placeholder: "DIR" }),
  source: z
    .string()
    .min(1)
    .optional()
    .describe("Only this source of the index.")
    .meta({ placeholder: "NAME" }),
  seed: z.number().int().min(0).default(1).describe("Seed of the bootstrap.").meta({ placeholder: "N" }),
});

export type EvaluateOptions = z.infer<typeof evaluateOptionsSchema>;
