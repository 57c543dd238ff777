import { isOpposite } from "../detection/stability.ts";
import { groupBy } from "../statistics/group-by.ts";
import { wilsonInterval } from "../statistics/proportion.ts";
import type { Flip, Robustness } from "../types/evaluation.ts";
import { pairings } from "./comparisons.ts";
import { type EvaluatedFile, fileScores, groupOf } from "./evaluated-file.ts";
import type { CopyResult } from "./measure-files.ts";
import { aucOf } from "./summary.ts";

/** A file before and after a perturbation. */
interface Changed extends EvaluatedFile {
  readonly before: EvaluatedFile;
}

/**
 * AUC and verdict changes under each perturbation.
 *
 * @param files results of the original files
 * @param copies results of the perturbed files in the same order, by name of the perturbation
 */
export function summarizeRobustness(
  files: readonly EvaluatedFile[],
  copies: readonly ReadonlyMap<string, CopyResult>[],
  options: { readonly limit: number; readonly seed: number },
): Robustness {
  const names = [...(copies[0]?.keys() ?? [])];
  const auc = (chosen: readonly EvaluatedFile[]) =>
    aucOf(fileScores(chosen), { groupOf: ({ file }) => groupOf(file), seed: options.seed });
  const asIs = new Map(
    pairings(files, { perGenerator: false }).map(({ name, reals, fakes }) => [
      name,
      auc([...reals, ...fakes]),
    ]),
  );
  const changes = names.map((name) => {
    const changed = files.map((before, i): Changed => ({ ...before, ...copies[i]!.get(name)!, before }));
    return {
      name,
      failed: changed.filter((file) => file.error !== null && file.before.error === null).length,
      comparisons: pairings(changed, { perGenerator: false }).map((pairing) => {
        const { name, reals, fakes } = pairing;
        const counts = { reals: reals.length, fakes: fakes.length };
        return { name, ...counts, auc: auc([...reals, ...fakes]), aucBefore: asIs.get(name)! };
      }),
      flips: flipsOf(changed),
    };
  });
  return { limit: options.limit, changes };
}

/** Verdict changes of all files, then of each source and label. */
function flipsOf(changed: readonly Changed[]): Flip[] {
  const judged = changed.filter((file) => file.verdict !== null && file.before.verdict !== null);
  const lists = groupBy(judged, (file) => `${file.source}\n${file.isReal ? "real" : "fake"}`);
  const rows = [...lists].sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    flipOf(judged, null, null),
    ...rows.map(([, list]) => flipOf(list, list[0]!.source, list[0]!.isReal ? "real" : "fake")),
  ];
}

function flipOf(files: readonly Changed[], source: string | null, label: Flip["label"]): Flip {
  const contradicted = files.filter((file) => isOpposite(file.verdict!, file.before.verdict!)).length;
  return {
    ...{ source, label, files: files.length, contradicted },
    changed: files.filter((file) => file.verdict !== file.before.verdict).length,
    contradictedInterval: files.length === 0 ? null : wilsonInterval(contradicted, files.length),
  };
}
