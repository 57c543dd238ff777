import type { BoxPx } from "../faces/types.ts";
import type { NotAnalyzed, PartKind } from "../media/index.ts";
import type { ResolvedDetectOptions } from "../options/detect-options.ts";
import type { Provenance } from "../provenance/index.ts";
import type { FrameEvidence } from "./pictures.ts";

export type Verdict = "authentic" | "forged" | "inconclusive";

/** Reason of an `inconclusive` verdict, or of a `forged` verdict by the file's provenance. */
export type Reason =
  /** No face was found in any frame. */
  | "no-face"
  /** All faces were too small to be scored. */
  | "face-too-small"
  /** No face was scored in enough frames of the video. */
  | "too-few-frames"
  /** The authenticity is between the two thresholds. */
  | "near-threshold"
  /** It looks authentic, but strong compression may have removed the traces of a forgery. */
  | "too-compressed"
  /** It looks authentic, but not all of it was analyzed, see `coverage.notAnalyzed`. */
  | "not-fully-analyzed"
  /** No frame could be decoded and scored. */
  | "frames-failed"
  /** A degraded copy of the file got the opposite verdict. */
  | "unstable"
  /** Forged: a signed statement says that AI generated the file or changed a part of it. */
  | "declared"
  /** It looks authentic, but its unsigned metadata say that AI generated it or changed a part of it. */
  | "contradicted";

/** The verdict on a degraded copy of the file. */
export interface StabilityTrial {
  readonly name: "jpeg-40" | "half-size" | "h264-crf-35";
  /** Null if the trial failed. */
  readonly verdict: Verdict | null;
  readonly reason: Reason | null;
  readonly authenticity: number | null;
  /** Whether `forged` became `authentic` or vice versa. */
  readonly flips: boolean;
  /** Error message of a failed trial; otherwise null. */
  readonly error: string | null;
}

/** Stability of the verdict against the compression of messengers and re-uploads. */
export interface Stability {
  /** The verdict before the trials. */
  readonly asIs: {
    readonly verdict: Verdict;
    readonly reason: Reason | null;
    readonly authenticity: number | null;
  };
  readonly trials: readonly StabilityTrial[];
}

/** Thresholds of a model and their error rates. */
export interface Thresholds {
  /** Authenticity below this is `forged`. */
  readonly forgedBelow: number;
  /** Authenticity above this is `authentic`. */
  readonly authenticAbove: number;
  /** False positive rate on `measuredOn`: share of authentic files called forged, in [0, 1]; null if not measured. */
  readonly measuredFpr: number | null;
  /** Share of forged files on `measuredOn` called authentic, in [0, 1]; null or undefined if not measured. */
  readonly measuredMissRate?: number | null;
  /** The dataset of both rates; null if not measured. */
  readonly measuredOn: string | null;
}

export interface FaceDetection {
  /** Id of the face's track. */
  readonly track: number;
  readonly box: BoxPx;
  /** In [0, 1]: 1 = authentic, 0 = forged; null if the face was not scored. */
  readonly authenticity: number | null;
  /** Why the face was not scored; null if it was. */
  readonly unscored: "too-small" | "not-finite" | null;
}

export interface FrameDetection {
  readonly index: number;
  readonly timeSec: number;
  /** Part of the file: 0 is the main one, others are in `coverage.parts`; undefined in a file with one part. */
  readonly part?: number;
  /** Lowest authenticity of the frame's faces; null if none was scored. */
  readonly authenticity: number | null;
  readonly faces: readonly FaceDetection[];
  /** Error message if the frame could not be scored; otherwise null. */
  readonly error: string | null;
}

export interface TrackDetection {
  readonly id: number;
  readonly firstSec: number;
  readonly lastSec: number;
  /** Number of sampled frames with this face. */
  readonly frames: number;
  /** Number of frames in which it was scored. */
  readonly framesScored: number;
  /** Whether it was scored in enough frames to decide the verdict. */
  readonly lasts: boolean;
  /** Null if the face was not scored. */
  readonly authenticity: number | null;
  /**
   * If the face is fake: mean probability in [0, 1] that it is synthetic (completely generated) rather than manipulated
   * (a changed recording); null or undefined if unknown.
   */
  readonly syntheticShare?: number | null;
}

/** Result of `detect` for one file. */
export interface Detection {
  readonly model: {
    readonly name: string;
    readonly version: string;
    readonly sha256: string;
    /** Known limitations of the model, one sentence each. */
    readonly misses?: readonly string[];
    /** Minimum length of the shorter side of a face's box; smaller faces are not scored. */
    readonly minFacePx?: number;
  };
  readonly backend: {
    readonly name: string;
    readonly detail: string;
    readonly passedOver: readonly string[];
  };
  /** Versions of the software that decoded and scored the file. */
  readonly software?: {
    /** As `ffmpeg -version` prints it; null if ffmpeg is missing, which is not needed for pictures. */
    readonly ffmpeg: string | null;
    /** e.g. `TensorFlow.js 4.22.0`. */
    readonly engine: string;
  };
  readonly options: ResolvedDetectOptions;
  readonly file: {
    readonly path: string;
    readonly sha256: string;
    readonly bytes: number;
    readonly kind: "video" | "image";
    readonly durationSec: number | null;
    readonly width: number;
    readonly height: number;
    readonly fps: number | null;
  };
  readonly verdict: Verdict;
  /** Null unless the verdict is `inconclusive`, or `forged` by the file's provenance. */
  readonly reason: Reason | null;
  /** The verdict from the pixels alone, without provenance. */
  readonly pixels?: { readonly verdict: Verdict; readonly reason: Reason | null };
  /** The file's provenance; null or undefined if it was not read. */
  readonly provenance?: Provenance | null;
  /** Authenticity of the deciding track; null if no face was scored. */
  readonly authenticity: number | null;
  /** Id of the track that decided the verdict; null if none was scored. */
  readonly decidingTrack: number | null;
  readonly threshold: Thresholds;
  readonly coverage: {
    /** Number of sampled frames, including failed ones. */
    readonly framesSampled: number;
    readonly framesWithFace: number;
    readonly framesScored: number;
    /** Frames that could not be decoded or scored. */
    readonly framesFailed: number;
    /** Content of the file that was not analyzed. */
    readonly notAnalyzed?: readonly NotAnalyzed[];
    /** Analyzed parts other than the main one, in the order of `frames[].part`, from 1. */
    readonly parts?: readonly PartKind[];
  };
  readonly frames: readonly FrameDetection[];
  readonly tracks: readonly TrackDetection[];
  /** One sentence each, e.g. that the file is truncated. */
  readonly warnings: readonly string[];
  /** Verdicts on degraded copies; null unless requested. */
  readonly stability?: Stability | null;
  /** Pictures and heat maps; undefined unless requested. */
  readonly evidence?: readonly FrameEvidence[];
}
