import { type Split, splitOf } from "../../data/data-index.ts";
import type { Dataset, StoredFace } from "../../data/face-dataset.ts";
import type { Tensor4D } from "../../engine/index.ts";
import type { CropSpec } from "../../faces/index.ts";
import { type Discriminator, logits } from "../../networks/index.ts";
import { balancedWeights, fitPlatt } from "../../statistics/calibration.ts";
import { rocAuc } from "../../statistics/metrics.ts";
import { cropCentered } from "../face-crops.ts";
import { sampleEvenly } from "../sample-evenly.ts";
import { scoreFaces } from "./detector-step.ts";

/** A face with its logit. */
export interface ScoredFace extends StoredFace {
  /** Index in the dataset. */
  readonly index: number;
  readonly logit: number;
}

interface SplitOptions {
  readonly split: Split;
  readonly crop: CropSpec;
  /** Maximum number of faces per source and label, evenly chosen. */
  readonly limit?: number;
  /** Sources and generators that are used for validation instead of training. */
  readonly unseen?: readonly string[];
}

/** Scores the faces of one split. */
export async function scoreSplit(
  discriminator: Discriminator,
  store: Dataset,
  { split, crop, limit, unseen: names }: SplitOptions,
): Promise<ScoredFace[]> {
  const unseen = new Set(names);
  const sideOf = (face: StoredFace) =>
    splitOf(face) === "train" && (unseen.has(face.source) || unseen.has(face.generator))
      ? "validation"
      : splitOf(face);
  const chosen = chooseFaces(
    store.faces.map((face) => ({ face, isOn: sideOf(face) === split })),
    limit ?? Infinity,
  );
  async function* crops() {
    for (const i of chosen) yield cropCentered(await store.read(i), crop);
  }
  const score = (faces: Tensor4D) => logits(discriminator, faces, "inference");
  const scores = await scoreFaces(score, crops(), crop.sizePx);
  return chosen.map((index, k) => ({ ...store.faces[index]!, index, logit: scores[k]! }));
}

/** Smaller differences of logits are rounding errors; with random weights they are about 1e-4. */
const SAME_LOGIT = 1e-6;

/** Advice after a collapse. */
export const COLLAPSE_ADVICE =
  "Start a new run with a longer --warm-up, a lower --learning-rate or a larger --size.";

/** Whether all faces have the same logit, e.g. because all last units are dead. */
export function isCollapsed(faces: readonly ScoredFace[]): boolean {
  const [first] = faces;
  return faces.length > 1 && faces.every(({ logit }) => Math.abs(logit - first!.logit) < SAME_LOGIT);
}

/** Fits the calibration with balanced classes and with sources weighted by the square root of their size. */
export function calibrateFaces(faces: readonly ScoredFace[]): { scale: number; bias: number } {
  const labelled = faces.map(({ logit, label, source }) => ({ logit, isReal: label === "real", source }));
  const weights = balancedWeights(labelled);
  return fitPlatt(labelled.map((face, i) => ({ ...face, weight: weights[i]! })));
}

function chooseFaces(faces: readonly { face: StoredFace; isOn: boolean }[], limit: number): number[] {
  const lists = new Map<string, number[]>();
  faces.forEach(({ face, isOn }, i) => {
    if (!isOn) return;
    const key = `${face.source}/${face.label}`;
    lists.set(key, [...(lists.get(key) ?? []), i]);
  });
  return [...lists.values()].flatMap((list) => sampleEvenly(list, limit));
}

/**
 * AUC of the fakes of each source against the reals of the same source, or against all reals if it has none.
 *
 * @returns AUC in [0, 1] by source, and their `mean`
 */
export function aucBySource(faces: readonly ScoredFace[]): Record<string, number> & { mean: number } {
  const fakeSources = [
    ...new Set(faces.filter((face) => face.label === "fake").map((face) => face.source)),
  ].sort();
  const result: Record<string, number> = {};
  for (const source of fakeSources) {
    const own = faces.filter((face) => face.label === "real" && face.source === source);
    const reals = own.length > 0 ? own : faces.filter((face) => face.label === "real");
    const fakes = faces.filter((face) => face.label === "fake" && face.source === source);
    const auc = rocAuc(
      [...reals, ...fakes].map((face) => ({ score: face.logit, isReal: face.label === "real" })),
    );
    if (auc !== null) result[source] = auc;
  }
  const values = Object.values(result);
  return { ...result, mean: values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length) };
}
