import { workerData } from "node:worker_threads";
import { type Backend, type BackendRequest, serveJobs, useBackend } from "../engine/index.ts";
import type { FaceObservation } from "../faces/index.ts";
import { type BoxPx, cropFace, type DetectedFace, FaceFinder, sampleSquare } from "../faces/index.ts";
import { MAX_FRAMES_AWAY } from "../faces/tracks.ts";
import type { Frame } from "../media/index.ts";
import { discriminatorFromWeights, type ModelManifest } from "../networks/index.ts";
import { authenticityOf } from "../statistics/calibration.ts";
import type { FrameEvidence } from "../types/pictures.ts";
import type { ScoredCrop } from "./frame-evidence.ts";
import { type CropScore, scoreCrops } from "./score-crops.ts";

/** Data for the start of a worker. */
export interface FrameWorkerData {
  readonly manifest: ModelManifest;
  /** Weights of the model, in shared memory. */
  readonly weights: Float32Array;
  readonly backend: BackendRequest;
}

/** First message of a worker. */
export interface FrameWorkerReady {
  readonly backend: Backend;
}

/** One frame to score. */
export interface FrameJob {
  readonly frame: Frame;
  /** Whether to return pictures and heat maps. */
  readonly hasEvidence: boolean;
}

/** Result of a frame. */
export interface ScoredFrame {
  readonly faces: FaceObservation[];
  /** Number of faces that were not scored because there were too many. */
  readonly facesLeftOut: number;
  /** Null unless requested. */
  readonly evidence: FrameEvidence | null;
  /** Milliseconds for finding the faces, and for cropping and scoring them. */
  readonly findMs: number;
  readonly scoreMs: number;
}

/** Interval of frames in which small faces are searched next to large ones; short enough that tracks do not break. */
const THOROUGH_EVERY = MAX_FRAMES_AWAY + 1;
const THUMBNAIL_PX = 8;
/** Smallest input of the backbone. */
const WARM_UP_PX = 32;

// Worker thread: frame -> faces with calibrated authenticity.
await serveJobs<FrameJob, ScoredFrame, FrameWorkerReady>(async () => {
  const { manifest, weights, backend: request } = workerData as FrameWorkerData;
  const backend = await useBackend(request);
  const finder = await FaceFinder.load();
  // Native TensorFlow needs a copy that is not shared.
  const values = backend.name === "tensorflow" ? weights.slice() : weights;
  const discriminator = discriminatorFromWeights(manifest.architecture, values, manifest.network);
  const { sizePx } = manifest.crop;

  /** Crops and scores faces; null for faces that are too small. */
  function score(frame: Frame, faces: readonly DetectedFace[]): ((CropScore & ScoredCrop) | null)[] {
    const large = faces.filter((face) => shorterSide(face.box) >= manifest.minFacePx);
    const crops = large.map((face) => cropFace(frame, face.box, manifest.crop));
    const scores = scoreCrops(discriminator, crops, sizePx);
    const scored = new Map(
      large.map((face, i) => [face, { ...scores[i]!, crop: crops[i]!, box: face.box }] as const),
    );
    return faces.map((face) => scored.get(face) ?? null);
  }

  const observe = (frame: Frame, face: DetectedFace, score: CropScore | null): FaceObservation => ({
    box: face.box,
    confidence: face.confidence,
    authenticity: score && authenticityOf(score.logit, manifest.calibration),
    syntheticShare: score?.syntheticShare ?? null,
    unscored: score === null ? "too-small" : null,
    thumbnail: thumbnailOf(frame, face.box),
  });

  return {
    ready: { backend },
    // The first pass prepares the weights and takes as long as several passes.
    warmUp() {
      const blank = new Uint8Array(WARM_UP_PX * WARM_UP_PX * 3);
      if (manifest.architecture === "mobilenet-v1") scoreCrops(discriminator, [blank], WARM_UP_PX);
      finder.warmUp();
    },
    async work({ frame, hasEvidence }) {
      const startMs = performance.now();
      const { faces: found, leftOut: facesLeftOut } = finder.findAll(frame, {
        isThorough: frame.index % THOROUGH_EVERY === 0,
      });
      const foundMs = performance.now();
      const scored = score(frame, found);
      const faces = found.map((face, i) => observe(frame, face, scored[i]!));
      const scoreMs = performance.now() - foundMs;
      // Imported on demand, because it takes time to load.
      const evidence = hasEvidence
        ? await (await import("./frame-evidence.ts")).makeFrameEvidence(frame, scored, manifest.crop)
        : null;
      return { result: { faces, facesLeftOut, evidence, findMs: foundMs - startMs, scoreMs } };
    },
  };
});

function shorterSide(box: BoxPx): number {
  return Math.min(box[2], box[3]);
}

/** RGB uint8 [8, 8, 3] of the face without its surroundings. */
function thumbnailOf(frame: Frame, box: BoxPx): Uint8Array {
  const side = Math.max(box[2], box[3]);
  return sampleSquare(
    frame,
    { centreX: box[0] + box[2] / 2, centreY: box[1] + box[3] / 2, side },
    THUMBNAIL_PX,
    "edge",
  );
}
