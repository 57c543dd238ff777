import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { type EvaluationDocument, evaluationSchema } from "../../src/evaluation/schema.ts";

/** ablation.json: what each part of the recipe is worth, one run a row, written by hand from the runs' evaluations. */
export const ablationSchema = z.strictObject({
  schema: z.literal(1),
  note: z.string().describe("What the runs share: data, steps, seed"),
  rows: z.array(
    z.strictObject({
      name: z.string(),
      command: z.string().describe("What trained it"),
      auc: z.record(z.string(), z.number().nullable()).describe("By name of the comparison"),
    }),
  ),
});
export type Ablation = z.infer<typeof ablationSchema>;

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
