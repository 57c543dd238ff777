import { join } from "node:path";
import type { Dataset } from "../../data/face-dataset.ts";
import { TelltaleError } from "../../errors.ts";
import { type Discriminator, saveModel } from "../../networks/index.ts";
import { authenticityOf, chooseThresholds, meanAuthenticity } from "../../statistics/calibration.ts";
import { groupBy } from "../../statistics/group-by.ts";
import { parseList } from "../parse-list.ts";
import type { DetectorSettings } from "./detector-options.ts";
import { COLLAPSE_CURE, calibrateFaces, isCollapsed, type ScoredFace } from "./validation.ts";

/** Fractions that the thresholds aim at: real files called forged, those of any one source, forged files called authentic. */
const LIMITS = { maxFpr: 0.01, maxSourceFpr: 0.02, maxFnr: 0.1 } as const;
/** With fewer validation files of each label, one kind of media takes the thresholds of both kinds together. */
const MIN_FILES = 30;

/** A validation face as the finished model sees it. */
export interface CalibratedFace extends ScoredFace {
  readonly authenticity: number;
}

/** The finished model, and what it makes of the validation faces. */
export interface FinishedDetector {
  readonly folder: string;
  /** Of pictures. */
  readonly thresholds: { readonly forgedBelow: number; readonly authenticAbove: number };
  readonly faces: readonly CalibratedFace[];
}

/**
 * Calibrates on all validation faces, chooses thresholds on validation files and writes the model folder.
 *
 * @param faces the validation faces with their logits
 * @throws TelltaleError `MODEL_COLLAPSED` when all faces have the same logit
 */
export async function finishDetector(
  discriminator: Discriminator,
  { store, faces }: { store: Dataset; faces: readonly ScoredFace[] },
  options: Pick<DetectorSettings, "size" | "margin" | "out" | "exclude" | "modelVersion">,
): Promise<FinishedDetector> {
  if (isCollapsed(faces)) {
    throw new TelltaleError(
      "MODEL_COLLAPSED",
      `Expected different answers for different faces, but all ${faces.length} validation faces get the same one: the network has collapsed, and no model was written. ${COLLAPSE_CURE}`,
    );
  }
  const calibration = calibrateFaces(faces);
  const judged = faces.map((face) => ({ ...face, authenticity: authenticityOf(face.logit, calibration) }));
  const files = filesOf(judged);
  const thresholds = { image: thresholdsOf(files, false), video: thresholdsOf(files, true) };
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
  return { folder, thresholds: thresholds.image, faces: judged };
}

interface ScoredFile {
  readonly score: number;
  readonly isReal: boolean;
  readonly isVideo: boolean;
  readonly source: string;
}

/** One score for each file: that of a picture's face, the mean over a video's frames. */
function filesOf(faces: readonly CalibratedFace[]): ScoredFile[] {
  return [...groupBy(faces, ({ source, file }) => `${source}/${file}`).values()].map((own) => ({
    score: meanAuthenticity(own.map(({ authenticity }) => authenticity)),
    isReal: own[0]!.label === "real",
    isVideo: own[0]!.isVideo,
    source: own[0]!.source,
  }));
}

/** Of videos or of pictures, where there are enough of them; else of all files. */
function thresholdsOf(files: readonly ScoredFile[], isVideo: boolean) {
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
