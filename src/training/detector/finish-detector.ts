import { join } from "node:path";
import { TelltaleError } from "../../errors.ts";
import { type Discriminator, saveModel } from "../../networks/index.ts";
import { authenticityOf, chooseThresholds } from "../../statistics/calibration.ts";
import type { FaceSource } from "../crop-store.ts";
import { splitNames } from "../names.ts";
import type { DetectorSettings } from "./detector-options.ts";
import { COLLAPSE_CURE, calibrateFaces, isCollapsed, type ScoredFace } from "./validation.ts";

/** Limits for the thresholds that the model ships with. */
const MAX_FPR = 0.01;
const MAX_SOURCE_FPR = 0.02;
const MAX_FNR = 0.1;

/** A validation face as the finished model sees it. */
export interface JudgedFace extends ScoredFace {
  readonly authenticity: number;
}

/** The finished model, and what it makes of the validation faces. */
export interface FinishedDetector {
  readonly folder: string;
  /** Of pictures. */
  readonly thresholds: { readonly forgedBelow: number; readonly authenticAbove: number };
  readonly faces: readonly JudgedFace[];
}

/**
 * Calibrates on all validation faces and writes the model folder.
 *
 * @param faces the validation faces, as the discriminator scores them
 * @param trainedOnBefore sources that a part of it learnt from in a run of its own
 * @throws TelltaleError `MODEL_COLLAPSED` where it answers every face alike
 */
export async function finishDetector(
  discriminator: Discriminator,
  { store, faces }: { store: FaceSource; faces: readonly ScoredFace[] },
  options: Pick<DetectorSettings, "size" | "margin" | "out" | "exclude" | "modelVersion">,
  trainedOnBefore: readonly string[] = [],
): Promise<FinishedDetector> {
  if (isCollapsed(faces)) {
    throw new TelltaleError(
      "MODEL_COLLAPSED",
      `Expected different answers for different faces, but all ${faces.length} validation faces get the same one: the network has collapsed, and no model was written. ${COLLAPSE_CURE}`,
    );
  }
  const crop = { sizePx: options.size, margin: options.margin };
  const count = (label: string) => faces.filter((face) => face.label === label).length;
  const calibration = calibrateFaces(faces);
  const judged = faces.map((face) => ({ ...face, authenticity: authenticityOf(face.logit, calibration) }));
  const scores = judged.map(({ authenticity, label, source }) => ({
    score: authenticity,
    isReal: label === "real",
    source,
  }));
  const limits = { maxFpr: MAX_FPR, maxFnr: MAX_FNR };
  const thresholds = chooseThresholds(scores, { ...limits, maxSourceFpr: MAX_SOURCE_FPR });
  // A clip is the mean of many frames, less extreme than one picture: no source's tail sets its line.
  const clipThresholds = chooseThresholds(scores, { ...limits, maxSourceFpr: 1 });
  const measuredOn = `${count("real")} faces from authentic images of groups held out for validation`;
  const folder = join(options.out, "model");
  const excluded = new Set(splitNames(options.exclude));
  await saveModel(folder, discriminator.parameters.toFloat32(), {
    name: "face",
    version: options.modelVersion,
    architecture: discriminator.architecture,
    ...(discriminator.network && { network: discriminator.network }),
    crop,
    minFacePx: 48,
    calibration,
    thresholds: { ...thresholds, measuredOn },
    clipThresholds: { ...clipThresholds, measuredOn: `${measuredOn}, each by itself` },
    trainedOn: [
      ...new Set([
        ...store.faces.map((face) => face.source).filter((source) => !excluded.has(source)),
        ...trainedOnBefore,
      ]),
    ].sort(),
  });
  return { folder, thresholds, faces: judged };
}
