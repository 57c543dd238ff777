/** `[x, y, width, height]` in pixels of the upright frame, top-left origin; may reach past the frame's edge. */
export type BoxPx = readonly [x: number, y: number, width: number, height: number];

/** A face found in one frame. */
export interface DetectedFace {
  /** Tight box round the 468 mesh points. */
  readonly box: BoxPx;
  /** Detector's confidence in [0, 1] that this is a face. Nothing about authenticity. */
  readonly confidence: number;
  /** 468 points x (x, y) in frame pixels, order of MediaPipe's face mesh; length 936. */
  readonly mesh: Float32Array;
}

/** A face of one frame after scoring. */
export interface FaceObservation {
  readonly box: BoxPx;
  readonly confidence: number;
  /** Calibrated, in [0, 1]: 1 = authentic, 0 = forged; null when the face was not scored. */
  readonly authenticity: number | null;
  /** If it is fake: probability in [0, 1] that it is synthetic rather than manipulated; null when not known. */
  readonly syntheticShare?: number | null;
  /** Why the face was not scored; null when it was. `too-small`: shorter box side under 48 px. */
  readonly unscored: "too-small" | null;
  /** 8 x 8 RGB thumbnail of the crop, length 192: tells people apart when tracks are linked. */
  readonly thumbnail: Uint8Array;
}

/** Everything that was seen in one sampled frame. */
export interface FrameObservation {
  readonly index: number;
  readonly timeSec: number;
  readonly width: number;
  readonly height: number;
  readonly faces: readonly FaceObservation[];
  /** Faces that were found and not looked at, since there are too many; none when left out. */
  readonly facesLeftOut?: number;
  /** Which part of the file the frame belongs to: 0 or undefined is the main one. */
  readonly part?: number;
  /** Sentence of the error when this frame could not be scored; null when it could. */
  readonly error: string | null;
}
