import { join } from "node:path";
import { type Discriminator, saveModel } from "../networks/index.ts";
import { authenticityOf, chooseThresholds, fitPlatt } from "../statistics/calibration.ts";
import type { TrainDetectorOptions } from "./detector-options.ts";
import type { JoinedStores } from "./joined-stores.ts";
import { splitNames } from "./names.ts";
import { type ScoredFace, scoreSplit } from "./validation.ts";

/** Limits for the thresholds that the model ships with. */
const MAX_FPR = 0.01;
const MAX_FNR = 0.1;

/** A validation face as the finished model sees it. */
export interface JudgedFace extends ScoredFace {
  readonly authenticity: number;
}

/** The finished model, and what it makes of the validation faces. */
export interface FinishedDetector {
  readonly folder: string;
  readonly thresholds: { readonly forgedBelow: number; readonly authenticAbove: number };
  readonly faces: readonly JudgedFace[];
}

/** Calibrates on all validation faces and writes the model folder. */
export async function finishDetector(
  discriminator: Discriminator,
  store: JoinedStores,
  options: TrainDetectorOptions,
): Promise<FinishedDetector> {
  const crop = { sizePx: options.size, margin: options.margin };
  const faces = await scoreSplit(discriminator, store, { split: "validation", crop });
  const count = (label: string) => faces.filter((face) => face.label === label).length;
  const weight = { real: 1 / count("real"), fake: 1 / count("fake") };
  const calibration = fitPlatt(
    faces.map((face) => ({
      logit: face.logit,
      isReal: face.label === "real",
      // Both classes weigh alike: how many fakes the user's media hold is not known.
      weight: weight[face.label] * (faces.length / 2),
    })),
  );
  const judged = faces.map((face) => ({ ...face, authenticity: authenticityOf(face.logit, calibration) }));
  const thresholds = chooseThresholds(
    judged.map((face) => ({ score: face.authenticity, isReal: face.label === "real" })),
    { maxFpr: MAX_FPR, maxFnr: MAX_FNR },
  );
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
    thresholds: {
      ...thresholds,
      measuredOn: `${count("real")} faces from authentic images of groups held out for validation`,
    },
    trainedOn: [...new Set(store.faces.map((face) => face.source))]
      .filter((source) => !excluded.has(source))
      .sort(),
  });
  return { folder, thresholds, faces: judged };
}
