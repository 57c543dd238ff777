import { authenticityOf } from "../statistics/calibration.ts";
import { rocAuc } from "../statistics/metrics.ts";
import type { Attack } from "../types/evaluation.ts";
import { type AttackSpec, attackCrops, PGD_STEPS } from "./attack-crops.ts";
import { pairings } from "./comparisons.ts";
import type { EvaluatedFile } from "./evaluated-file.ts";
import { type CropModel, scoreCrops } from "./face-crops.ts";

const specs: readonly AttackSpec[] = (["fgsm", "pgd"] as const).flatMap((method) =>
  [1, 2, 4].map((epsilon) => ({ method, epsilon })),
);

/** A file with its face crop. */
export interface AttackFile extends EvaluatedFile {
  /** RGB uint8 [S, S, 3]. */
  readonly face: Uint8Array;
}

type Trial = Attack["comparisons"][number]["trials"][number];

/**
 * Measures the detector under white-box attacks on single face crops, with the thresholds of the model.
 *
 * @param options.onDone called after each attack with the number of finished attacks
 */
export function measureAttack(
  model: CropModel,
  files: readonly AttackFile[],
  options: {
    readonly limit: number;
    readonly seed: number;
    readonly onDone?: (done: number, total: number) => void;
    readonly signal?: AbortSignal | undefined;
  },
): Attack {
  const targets = files.map((file) => ({ crop: file.face, isReal: file.isReal }));
  const { calibration } = model.manifest;
  const score = (crops: readonly Uint8Array[]) =>
    scoreCrops(model, crops).map((logit) => authenticityOf(logit, calibration));
  const clean = score(targets.map((target) => target.crop));
  const attacked = specs.map((spec, i) => {
    options.signal?.throwIfAborted();
    const scores = score(attackCrops(model, targets, { ...spec, seed: options.seed }));
    options.onDone?.(i + 1, specs.length);
    return { ...spec, scores };
  });
  const trials = [{ method: "none" as const, epsilon: 0, scores: clean }, ...attacked];
  const positions = new Map(files.map((file, i) => [file, i]));
  const comparisons = pairings(files, { perGenerator: false }).map(({ name, reals, fakes }) => {
    const chosen = [...reals, ...fakes].map((file) => positions.get(file)!);
    return {
      ...{ name, reals: reals.length, fakes: fakes.length },
      trials: trials.map(({ method, epsilon, scores }) => ({
        ...{ method, epsilon },
        ...outcome(
          chosen.map((i) => ({ before: clean[i]!, score: scores[i]!, isReal: files[i]!.isReal })),
          model.manifest.thresholds.image,
        ),
      })),
    };
  });
  return { limit: options.limit, pgdSteps: PGD_STEPS, comparisons };
}

function outcome(
  faces: readonly { readonly before: number; readonly score: number; readonly isReal: boolean }[],
  { forgedBelow, authenticAbove }: { readonly forgedBelow: number; readonly authenticAbove: number },
): Omit<Trial, "method" | "epsilon"> {
  const isForged = (score: number) => score < forgedBelow;
  const isAuthentic = (score: number) => score > authenticAbove;
  const fakes = faces.filter((face) => !face.isReal);
  const reals = faces.filter((face) => face.isReal);
  return {
    auc: rocAuc(faces),
    fakesCalledAuthentic: share(fakes, (face) => isAuthentic(face.score)),
    realsCalledForged: share(reals, (face) => isForged(face.score)),
    fakesTurned: share(
      fakes.filter((face) => isForged(face.before)),
      (face) => isAuthentic(face.score),
    ),
    realsTurned: share(
      reals.filter((face) => isAuthentic(face.before)),
      (face) => isForged(face.score),
    ),
  };
}

function share<Item>(items: readonly Item[], test: (item: Item) => boolean): number | null {
  return items.length === 0 ? null : items.filter(test).length / items.length;
}
