import { type Picture, type SquarePx, sampleSquare } from "./sampling.ts";
import type { BoxPx } from "./types.ts";

/** How a face is cropped for the network. Stored in the manifest, so that detection and training agree. */
export interface CropSpec {
  /** Side of the crop in pixels after resampling. */
  readonly sizePx: number;
  /** Side of the square in the frame, as a multiple of the longer side of the mesh box. */
  readonly margin: number;
}

/** The upright square around a face: centre of the box, `margin` times its longer side. */
export function cropSquare(box: BoxPx, margin: number): SquarePx {
  return {
    centreX: box[0] + box[2] / 2,
    centreY: box[1] + box[3] / 2,
    side: margin * Math.max(box[2], box[3]),
  };
}

/**
 * Crops one face; pixels outside the picture repeat the edge.
 *
 * @returns RGB uint8 [sizePx, sizePx, 3]
 */
export function cropFace(picture: Picture, box: BoxPx, spec: CropSpec): Uint8Array {
  return sampleSquare(picture, cropSquare(box, spec.margin), spec.sizePx, "edge");
}
