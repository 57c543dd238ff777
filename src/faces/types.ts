/** `[x, y, width, height]` in pixels of the upright frame, top-left origin; may extend beyond the frame. */
export type BoxPx = readonly [x: number, y: number, width: number, height: number];

/** A face found in one frame. */
export interface DetectedFace {
  /** Bounding box of the 468 mesh points. */
  readonly box: BoxPx;
  /** Confidence of the face detector in [0, 1]; unrelated to authenticity. */
  readonly confidence: number;
  /** 468 points (x, y) in frame pixels, in the order of the MediaPipe face mesh; length 936. */
  readonly mesh: Float32Array;
}

/** A face of one frame after scoring. */
export interface FaceObservation {
  readonly box: BoxPx;
  readonly confidence: number;
  /** Calibrated, in [0, 1]: 1 = authentic, 0 = forged; null if the face was not scored. */
  readonly authenticity: number | null;
  /** If it is fake: probability in [0, 1] that it is synthetic rather than manipulated; null when not known. */
  readonly syntheticShare?: number | null;
  /** Why the face was not scored; null if it was. `too-small`: shorter box side below 48 px. */
  readonly unscored: "too-small" | null;
  /** 8 x 8 RGB thumbnail of the crop, length 192, for linking tracks. */
  readonly thumbnail: Uint8Array;
}

/** The faces of one sampled frame. */
export interface FrameObservation {
  readonly index: number;
  readonly timeSec: number;
  readonly width: number;
  readonly height: number;
  readonly faces: readonly FaceObservation[];
  /** Number of faces beyond the limit, which were not analysed. Default 0. */
  readonly facesLeftOut?: number;
  /** Part of the file: 0 or undefined is the main part. */
  readonly part?: number;
  /** Error sentence if the frame could not be scored, else null. */
  readonly error: string | null;
}
