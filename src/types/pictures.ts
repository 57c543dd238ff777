import type { SquarePx } from "../faces/sampling.ts";

/** Output of the localization head for one face crop. */
export interface HeatMap {
  readonly width: number;
  readonly height: number;
  /** Probability in [0, 1] that each cell is fake, row by row from the top left. */
  readonly fake: ArrayLike<number>;
}

/** Pictures of a scored face. */
export interface FaceEvidence {
  /** Position of the crop in pixels of the frame. */
  readonly square: SquarePx;
  /** The input of the network as JPEG. */
  readonly crop: Uint8Array;
  /** Null if the network has no localization head. */
  readonly heat: HeatMap | null;
}

/** Pictures of a sampled frame. */
export interface FrameEvidence {
  /** `index` of the frame. */
  readonly index: number;
  /** Size in pixels of the frame in which boxes and squares are measured. */
  readonly width: number;
  readonly height: number;
  /** JPEG of the whole frame, 640 px on its longer side. */
  readonly thumbnail: Uint8Array;
  /** In the order of the frame's faces; null for faces that were not scored. */
  readonly faces: readonly (FaceEvidence | null)[];
}

/** Pictures of a face in one frame. */
export interface FacePicture {
  readonly track: number;
  /** `index` of the frame. */
  readonly frame: number;
  readonly timeSec: number;
  readonly authenticity: number;
  /** The input of the network as JPEG. */
  readonly crop: Uint8Array;
  /** The crop with its heat map as PNG; null if nothing looks fake or the network has no localization head. */
  readonly heatmap: Uint8Array | null;
}

/** Heat map of a face in a frame. */
export interface FrameHeatMap {
  readonly track: number;
  /** Left, top and side of the covered square in pixels of the frame. */
  readonly square: readonly [left: number, top: number, sidePx: number];
  readonly width: number;
  readonly height: number;
  /** Probability of fake of each cell times 255, row by row from the top left. */
  readonly cells: Uint8Array;
}

/** Pictures of a report. */
export interface ReportPictures {
  readonly frames: readonly {
    readonly index: number;
    /** Size in pixels in which the boxes of the frame's faces are measured. */
    readonly width: number;
    readonly height: number;
    /** JPEG. */
    readonly thumbnail: Uint8Array;
    /** Undefined if nothing looks fake or the network has no localization head. */
    readonly heats?: readonly FrameHeatMap[];
  }[];
  /** The least and the most authentic frame of each track; `most` is null if both are the same. */
  readonly faces: readonly {
    readonly track: number;
    readonly least: FacePicture;
    readonly most: FacePicture | null;
  }[];
}
