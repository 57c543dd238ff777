import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type EvaluationDocument, evaluationSchema } from "../../src/types/evaluation.ts";

/**
 * Reads the evaluations of a model folder, sorted by name; empty without a folder `evaluation`.
 *
 * @throws Error if an evaluation has other weights or another schema
 */
export async function readEvaluations(folder: string, sha256: string): Promise<EvaluationDocument[]> {
  const all = await readdir(join(folder, "evaluation")).catch(() => [] as string[]);
  const names = all.filter((name) => name.endsWith(".json")).sort();
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
