import type { BoxPx } from "../faces/types.ts";
import type { NotAnalyzed, PartKind } from "../media/index.ts";
import type { Provenance } from "../provenance/index.ts";
import type { FrameEvidence } from "./evidence.ts";
import type { ResolvedDetectOptions } from "./options.ts";

export type Verdict = "authentic" | "forged" | "inconclusive";

/** Why a verdict is `inconclusive`, or `forged` for what the file declares. */
export type Reason =
  /** No face was found in any frame. */
  | "no-face"
  /** Faces were found, but all of them too small to be scored. */
  | "face-too-small"
  /** A video in which no face was scored in enough frames. */
  | "too-few-frames"
  /** The authenticity lies between the two thresholds. */
  | "near-threshold"
  /** It looks authentic, but is compressed so strongly that no trace of a forgery need be left. */
  | "too-compressed"
  /** It looks authentic, but not all of it was looked at: see `coverage.notAnalyzed`. */
  | "not-fully-analyzed"
  /** No frame could be decoded and scored. */
  | "frames-failed"
  /** The file was called forged or authentic, and a degraded copy of it the opposite. */
  | "unstable"
  /** Forged: a valid signature says that AI generated the file or changed a part of it. */
  | "declared"
  /** It looks authentic, but its metadata say that AI generated it or changed a part of it. */
  | "contradicted";

/** The verdict on a degraded copy of the file. */
export interface StabilityTrial {
  readonly name: "jpeg-40" | "half-size" | "h264-crf-35";
  /** Null when the trial failed. */
  readonly verdict: Verdict | null;
  readonly reason: Reason | null;
  readonly authenticity: number | null;
  /** Whether `forged` became `authentic` or the other way round. */
  readonly flips: boolean;
  /** Why the trial failed, one sentence; null when it did not. */
  readonly error: string | null;
}

/** How the verdict holds when the file is degraded as messengers and re-uploads do. */
export interface Stability {
  /** The verdict before the trials. */
  readonly asIs: {
    readonly verdict: Verdict;
    readonly reason: Reason | null;
    readonly authenticity: number | null;
  };
  readonly trials: readonly StabilityTrial[];
}

/** Where a model draws its lines, and what that means on data with known truth. */
export interface Thresholds {
  /** Authenticity below this is `forged`. */
  readonly forgedBelow: number;
  /** Authenticity above this is `authentic`. */
  readonly authenticAbove: number;
  /** Share of authentic files that `forgedBelow` called forged on `measuredOn`, in [0, 1]; null if not measured. */
  readonly measuredFpr: number | null;
  /** Fraction of forged files that were called authentic on `measuredOn`, in [0, 1]; null or left out if not measured. */
  readonly measuredMissRate?: number | null;
  /** The data that both rates were measured on; null if not measured. */
  readonly measuredOn: string | null;
}

export interface FaceDetection {
  /** Id of the track that the face belongs to. */
  readonly track: number;
  readonly box: BoxPx;
  /** In [0, 1]: 1 = authentic, 0 = forged; null when the face was not scored. */
  readonly authenticity: number | null;
  /** Why it was not scored; null when it was. */
  readonly unscored: "too-small" | "not-finite" | null;
}

export interface FrameDetection {
  readonly index: number;
  readonly timeSec: number;
  /** Which part of the file: 0 is the main one, others are in `coverage.parts`; undefined where there is one part. */
  readonly part?: number;
  /** Lowest authenticity of the frame's faces; null when none was scored. */
  readonly authenticity: number | null;
  readonly faces: readonly FaceDetection[];
  /** Why the frame could not be scored, one sentence; null when it could. */
  readonly error: string | null;
}

export interface TrackDetection {
  readonly id: number;
  readonly firstSec: number;
  readonly lastSec: number;
  /** Sampled frames that show this face. */
  readonly frames: number;
  /** Of these, those in which it was scored. */
  readonly framesScored: number;
  /** Whether it was scored in enough frames to decide the verdict. */
  readonly lasts: boolean;
  /** Null when the face was scored in no frame. */
  readonly authenticity: number | null;
  /**
   * If the face is fake: probability in [0, 1] that it is synthetic (generated whole) rather than manipulated (a recorded
   * face was changed), as a mean over frames; null or left out when not known.
   */
  readonly syntheticShare?: number | null;
}

/** What `detect` found out about one file. */
export interface Detection {
  readonly model: {
    readonly name: string;
    readonly version: string;
    readonly sha256: string;
    /** What the model is known to miss, one sentence each, as its folder says; empty where it says nothing. */
    readonly misses?: readonly string[];
  };
  readonly backend: {
    readonly name: string;
    readonly detail: string;
    readonly passedOver: readonly string[];
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
  /** Null unless the verdict is `inconclusive`, or `forged` because the file declares it. */
  readonly reason: Reason | null;
  /** The verdict of the pixels alone; the same as above where what the file says of itself changed nothing. */
  readonly pixels?: { readonly verdict: Verdict; readonly reason: Reason | null };
  /** What the file says of its origin; null or left out where that was not read. */
  readonly provenance?: Provenance | null;
  /** That of the most forged track that lasts; null where no face was scored, never 0.5 for "don't know". */
  readonly authenticity: number | null;
  /** Id of the track that decided; null where none was scored. */
  readonly decidingTrack: number | null;
  readonly threshold: Thresholds;
  readonly coverage: {
    /** Frames asked of the file, failed ones included. */
    readonly framesSampled: number;
    readonly framesWithFace: number;
    readonly framesScored: number;
    /** Frames that could not be decoded or scored. */
    readonly framesFailed: number;
    /** What of the file was not looked at; empty where everything was. */
    readonly notAnalyzed?: readonly NotAnalyzed[];
    /** What besides the main part was looked at, in the order of `frames[].part`, from 1. */
    readonly parts?: readonly PartKind[];
  };
  readonly frames: readonly FrameDetection[];
  readonly tracks: readonly TrackDetection[];
  /** One sentence each, e.g. that the file is cut short. */
  readonly warnings: readonly string[];
  /** Verdicts on degraded copies; null unless asked for. */
  readonly stability?: Stability | null;
  /** Pictures and heat maps; undefined unless asked for. */
  readonly evidence?: readonly FrameEvidence[];
}
