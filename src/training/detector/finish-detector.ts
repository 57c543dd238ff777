import { join } from "node:path";
import type { Dataset } from "../../data/face-dataset.ts";
import { TelltaleError } from "../../errors.ts";
import { type Discriminator, saveModel } from "../../networks/index.ts";
import { authenticityOf, chooseThresholds, meanAuthenticity } from "../../statistics/calibration.ts";
import { groupBy } from "../../statistics/group-by.ts";
import { parseList } from "../parse-list.ts";
import type { DetectorSettings } from "./detector-options.ts";
import { COLLAPSE_ADVICE, calibrateFaces, isCollapsed, type ScoredFace } from "./validation.ts";

/** Target rates: false positives over all sources, false positives per source, false negatives. */
const LIMITS = { maxFpr: 0.01, maxSourceFpr: 0.02, maxFnr: 0.1 } as const;
/** With fewer validation files per label, pictures and videos share their thresholds. */
const MIN_FILES = 30;

/** A validation face with its calibrated score. */
export interface CalibratedFace extends ScoredFace {
  readonly authenticity: number;
}

/** The finished model and the scored validation faces. */
export interface FinishedDetector {
  readonly folder: string;
  /** Thresholds of pictures. */
  readonly thresholds: { readonly forgedBelow: number; readonly authenticAbove: number };
  readonly faces: readonly CalibratedFace[];
}

/**
 * Calibrates on all validation faces, chooses thresholds on validation files and writes the model folder.
 *
 * @param data.faces validation faces with their logits
 * @throws TelltaleError `MODEL_COLLAPSED` if all faces have the same logit
 */
export async function finishDetector(
  discriminator: Discriminator,
  { store, faces }: { store: Dataset; faces: readonly ScoredFace[] },
  options: Pick<DetectorSettings, "size" | "margin" | "out" | "exclude" | "modelVersion">,
): Promise<FinishedDetector> {
  if (isCollapsed(faces)) {
    throw new TelltaleError(
      "MODEL_COLLAPSED",
      `Expected different scores for different faces, but all ${faces.length} validation faces have the same one: the network has collapsed, and no model was written. ${COLLAPSE_ADVICE}`,
    );
  }
  const calibration = calibrateFaces(faces);
  const calibrated = faces.map((face) => ({
    ...face,
    authenticity: authenticityOf(face.logit, calibration),
  }));
  const files = filesOf(calibrated);
  const thresholds = { image: thresholdsFor(files, false), video: thresholdsFor(files, true) };
  const folder = join(options.out, "model");
  const excluded = new Set(parseList(options.exclude));
  await saveModel(folder, discriminator.parameters.toFloat32(), {
    name: "face",
    version: options.modelVersion,
    architecture: discriminator.architecture,
    ...(discriminator.network && { network: discriminator.network }),
    crop: { sizePx: options.size, margin: options.margin },
    minFacePx: 48,
    calibration,
    thresholds,
    trainedOn: [
      ...new Set(store.faces.map((face) => face.source).filter((source) => !excluded.has(source))),
    ].sort(),
  });
  return { folder, thresholds: thresholds.image, faces: calibrated };
}

interface ScoredFile {
  readonly score: number;
  readonly isReal: boolean;
  readonly isVideo: boolean;
  readonly source: string;
}

/** One score per file: the score of a picture, the mean over the frames of a video. */
function filesOf(faces: readonly CalibratedFace[]): ScoredFile[] {
  return [...groupBy(faces, ({ source, file }) => `${source}/${file}`).values()].map((own) => ({
    score: meanAuthenticity(own.map(({ authenticity }) => authenticity)),
    isReal: own[0]!.label === "real",
    isVideo: own[0]!.isVideo,
    source: own[0]!.source,
  }));
}

/** Thresholds of videos or of pictures if there are enough of them, else of all files. */
function thresholdsFor(files: readonly ScoredFile[], isVideo: boolean) {
  const own = files.filter((file) => file.isVideo === isVideo);
  const count = (list: readonly ScoredFile[], isReal: boolean) =>
    list.filter((file) => file.isReal === isReal).length;
  const chosen = count(own, true) >= MIN_FILES && count(own, false) >= MIN_FILES ? own : files;
  const kind = chosen === files ? "files" : isVideo ? "videos" : "pictures";
  const thresholds = chooseThresholds(chosen, LIMITS);
  const passed = chosen.filter((file) => !file.isReal && file.score > thresholds.authenticAbove).length;
  return {
    ...thresholds,
    measuredMissRate: count(chosen, false) === 0 ? null : passed / count(chosen, false),
    measuredOn: `${count(chosen, true)} real and ${count(chosen, false)} forged ${kind} of the validation groups`,
  };
}
