import { z } from "zod";

const count = (least = 1) => z.number().int().min(least);

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
      "Folder for evaluation.json, evaluation.html and files.jsonl, and for what has been measured already; only tables are printed when left out.",
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
    .describe("Keep files that the model was trained on, and their groups."),
  robustness: z
    .boolean()
    .default(false)
    .describe("Judge changed copies too: JPEG, smaller sizes, blur, noise, H.264."),
  shortcuts: z
    .boolean()
    .default(false)
    .describe("Say what metadata alone, the surroundings of the face and the format give away."),
  groups: z
    .enum(["attributes"])
    .optional()
    .describe("False-positive rates of the groups of people that the index's column names.")
    .meta({ placeholder: "COLUMN" }),
  attack: z
    .boolean()
    .default(false)
    .describe("Attack the network with FGSM and PGD on the face crops that it sees."),
  limit: count()
    .default(100)
    .describe("Files of each source and label that --robustness, --shortcuts and --attack look at.")
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
