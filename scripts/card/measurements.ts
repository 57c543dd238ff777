import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { type EvaluationDocument, evaluationSchema } from "../../src/evaluation/schema.ts";

const ablationTable = z.strictObject({
  note: z.string().describe("What the runs share: data, steps, seed"),
  rows: z.array(
    z.strictObject({
      name: z.string(),
      command: z.string().describe("What trained it"),
      auc: z.record(z.string(), z.number().nullable()).describe("By name of the comparison, or by attack"),
    }),
  ),
});
export type AblationTable = z.infer<typeof ablationTable>;

/** ablation.json: what each part of the recipe is worth, one run a row, written by hand from the runs' evaluations. */
export const ablationSchema = ablationTable.extend({
  schema: z.literal(1),
  adversarial: ablationTable.optional().describe("What training against attacks costs, and what it gives"),
});
export type Ablation = z.infer<typeof ablationSchema>;

/** reproduction.json: the model trained anew by `npm run reproduce`, beside the one that shipped. */
export const reproductionSchema = z.strictObject({
  schema: z.literal(1),
  shipped: z.string().describe("SHA-256 of the weights that shipped"),
  now: z.string().describe("SHA-256 of those made anew"),
  machine: z.string().describe("Number and model of its processors"),
  stages: z.array(
    z.strictObject({
      name: z.string(),
      hours: z.number().min(0).describe("By the clock"),
      processorHours: z
        .number()
        .min(0)
        .describe("Of all processors together: the same however busy the machine was"),
    }),
  ),
  figures: z.array(
    z.strictObject({
      name: z.string().describe("Of the comparison"),
      fakes: z.int(),
      shipped: z.number().nullable().describe("AUC in [0, 1]"),
      now: z.number().nullable(),
      isHeldTo: z.boolean().describe("Whether there are enough fakes to hold it to"),
    }),
  ),
});
export type Reproduction = z.infer<typeof reproductionSchema>;

/**
 * All evaluations in a model's folder, in the order of their names.
 *
 * @throws Error where one was measured on other weights or is of another schema
 */
export async function readEvaluations(folder: string, sha256: string): Promise<EvaluationDocument[]> {
  const names = (await readdir(join(folder, "evaluation"))).filter((name) => name.endsWith(".json")).sort();
  return Promise.all(
    names.map(async (name) => {
      const json: unknown = JSON.parse(await readFile(join(folder, "evaluation", name), "utf8"));
      const parsed = evaluationSchema.safeParse(json);
      if (!parsed.success) {
        throw new Error(`evaluation/${name} is of another schema; run telltale evaluate again.`, {
          cause: parsed.error,
        });
      }
      if (parsed.data.model.sha256 !== sha256) {
        throw new Error(`evaluation/${name} was measured on other weights; run telltale evaluate again.`);
      }
      return parsed.data;
    }),
  );
}

/** Null where there is none. */
export async function readAblation(folder: string): Promise<Ablation | null> {
  const text = await readFile(join(folder, "ablation.json"), "utf8").catch(() => null);
  return text === null ? null : ablationSchema.parse(JSON.parse(text));
}

/**
 * Null where it was not made anew.
 *
 * @throws Error where other weights than these were compared with
 */
export async function readReproduction(folder: string, sha256: string): Promise<Reproduction | null> {
  const text = await readFile(join(folder, "reproduction.json"), "utf8").catch(() => null);
  if (text === null) return null;
  const reproduction = reproductionSchema.parse(JSON.parse(text));
  if (reproduction.shipped !== sha256)
    throw new Error("reproduction.json compares other weights; run npm run reproduce again.");
  return reproduction;
}
