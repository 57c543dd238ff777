import { z } from "zod";

const count = (min = 1) => z.number().int().min(min);

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
    .describe(
      "Folder for evaluation.json, evaluation.html, files.jsonl and cached results. Without it, only tables are printed.",
    )
    .meta({ placeholder: "DIR" }),
  source: z
    .string()
    .min(1)
    .optional()
    .describe("Only this source of the index.")
    .meta({ placeholder: "NAME" }),
  includeTrainedOn: z
    .boolean()
    .default(false)
    .describe("Include training files of the model and their groups."),
  robustness: z
    .boolean()
    .default(false)
    .describe("Measure perturbed copies too: JPEG, smaller sizes, blur, noise, H.264."),
  shortcuts: z
    .boolean()
    .default(false)
    .describe("Measure what metadata, the surroundings of the face and the format reveal."),
  groups: z
    .enum(["attributes"])
    .optional()
    .describe("Measure false-positive rates by group of people, from this column of the index.")
    .meta({ placeholder: "COLUMN" }),
  attack: z.boolean().default(false).describe("Attack the network with FGSM and PGD on face crops."),
  limit: count()
    .default(100)
    .describe("Files per source and label for --robustness, --shortcuts and --attack.")
    .meta({ placeholder: "N" }),
  seed: z
    .number()
    .int()
    .min(0)
    .default(1)
    .describe("Seed of bootstrap, noise and attacks.")
    .meta({ placeholder: "N" }),
});

export type EvaluateOptions = z.infer<typeof evaluateOptionsSchema>;
