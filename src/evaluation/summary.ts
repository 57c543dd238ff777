import { seededRandom } from "../engine/index.ts";
import { bootstrapInterval, calibrationError, rocAuc, type Scored } from "../statistics/metrics.ts";
import type { EvaluatedFile } from "./evaluate.ts";

/** One kind of fake against the reals that belong to it. */
export interface Comparison {
  readonly name: string;
  /** Where the fakes are of a source that the model was trained on; the files themselves never are. */
  readonly isSourceSeen: boolean;
  readonly reals: number;
  readonly fakes: number;
  readonly groups: number;
  /** Over files; null when one of the classes has no scored file. */
  readonly auc: number | null;
  /** 95% interval by bootstrap over groups. */
  readonly aucInterval: readonly [number, number] | null;
  /** Over single frames. */
  readonly frameAuc: number | null;
  /** Expected calibration error over files, both classes weighing as they come. */
  readonly calibrationError: number | null;
}

/** How the files of one label of one source were judged. */
export interface VerdictCount {
  readonly source: string;
  readonly label: "real" | "fake";
  readonly files: number;
  readonly authentic: number;
  readonly forged: number;
  readonly inconclusive: number;
  readonly noFace: number;
  readonly failed: number;
}

export interface Evaluation {
  readonly comparisons: readonly Comparison[];
  readonly verdicts: readonly VerdictCount[];
}

/** Per source and per generator; sources are never averaged together. */
export function summarize(
  files: readonly EvaluatedFile[],
  options: { trainedOn: ReadonlySet<string>; seed: number },
): Evaluation {
  const fakes = files.filter((file) => !file.isReal);
  const comparisons: Comparison[] = [];
  for (const source of unique(files.map((file) => file.source))) {
    const ofSource = fakes.filter((file) => file.source === source);
    if (ofSource.length === 0) continue;
    const ownReals = files.filter((file) => file.isReal && file.source === source);
    const reals = ownReals.length > 0 ? ownReals : files.filter((file) => file.isReal);
    const against = ownReals.length > 0 ? "" : " against reals of other sources";
    const isSourceSeen = options.trainedOn.has(source);
    comparisons.push(compare(`${source}${against}`, reals, ofSource, { ...options, isSourceSeen }));
    const generators = unique(ofSource.map((file) => file.generator));
    // A generator of its own line only where the source has several that can be told apart.
    if (generators.length < 2 || generators.length > 40) continue;
    for (const generator of generators) {
      const chosen = ofSource.filter((file) => file.generator === generator);
      comparisons.push(
        compare(`${source}: ${generator}${against}`, reals, chosen, { ...options, isSourceSeen }),
      );
    }
  }
  return { comparisons, verdicts: countVerdicts(files) };
}

function compare(
  name: string,
  reals: readonly EvaluatedFile[],
  fakes: readonly EvaluatedFile[],
  options: { seed: number; isSourceSeen: boolean },
): Comparison {
  const all = [...reals, ...fakes];
  const groups = new Map<string, EvaluatedFile[]>();
  for (const file of all) groups.set(file.group, [...(groups.get(file.group) ?? []), file]);
  const random = seededRandom(options.seed);
  const scored = fileScores(all);
  return {
    name,
    isSourceSeen: options.isSourceSeen,
    reals: reals.length,
    fakes: fakes.length,
    groups: groups.size,
    auc: rocAuc(scored),
    aucInterval: bootstrapInterval([...groups.values()], (sample) => rocAuc(fileScores(sample)), random),
    frameAuc: rocAuc(all.flatMap(({ frames, isReal }) => frames.map((score) => ({ score, isReal })))),
    calibrationError: scored.length === 0 ? null : calibrationError(scored),
  };
}

function fileScores(files: readonly EvaluatedFile[]): Scored[] {
  return files.flatMap(({ authenticity, isReal }) =>
    authenticity === null ? [] : [{ score: authenticity, isReal }],
  );
}

function countVerdicts(files: readonly EvaluatedFile[]): VerdictCount[] {
  return unique(files.map((file) => file.source)).flatMap((source) =>
    (["real", "fake"] as const).flatMap((label) => {
      const chosen = files.filter((file) => file.source === source && file.isReal === (label === "real"));
      if (chosen.length === 0) return [];
      const count = (test: (file: EvaluatedFile) => boolean) => chosen.filter(test).length;
      return {
        source,
        label,
        files: chosen.length,
        authentic: count((file) => file.verdict === "authentic"),
        forged: count((file) => file.verdict === "forged"),
        inconclusive: count((file) => file.verdict === "inconclusive"),
        noFace: count((file) => file.reason === "no-face"),
        failed: count((file) => file.error !== null),
      };
    }),
  );
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)].sort();
}
