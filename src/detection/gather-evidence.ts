import { type BoxPx, type CropSpec, cropSquare } from "../faces/index.ts";
import { encodeJpeg } from "../media/encode-image.ts";
import type { Frame } from "../media/index.ts";
import { type FrameEvidence, THUMBNAIL_SIDE_PX } from "./evidence.ts";
import type { HeatMap } from "./heat-map.ts";

/** Small, and good enough to know the scene by. */
const THUMBNAIL_QUALITY = 70;
/** The crop is what the network saw; this leaves no blocks that it did not see. */
const CROP_QUALITY = 92;

/** A face that was scored. */
export interface ScoredCrop {
  readonly box: BoxPx;
  /** RGB uint8 [sizePx, sizePx, 3]. */
  readonly crop: Uint8Array;
  readonly heat: HeatMap | null;
}

/**
 * Pictures and heat maps of a frame.
 *
 * @param faces in the order of the frame; null for those that were not scored
 * @param spec how they were cut
 */
export async function gatherEvidence(
  frame: Frame,
  faces: readonly (ScoredCrop | null)[],
  { sizePx, margin }: CropSpec,
): Promise<FrameEvidence> {
  const evidence = await Promise.all(
    faces.map(async (face) => {
      if (face === null) return null;
      const picture = { width: sizePx, height: sizePx, data: face.crop };
      const crop = await encodeJpeg(picture, { quality: CROP_QUALITY, hasFullColor: true });
      return { square: cropSquare(face.box, margin), crop, heat: face.heat };
    }),
  );
  const thumbnail = await encodeJpeg(frame, { quality: THUMBNAIL_QUALITY, maxSidePx: THUMBNAIL_SIDE_PX });
  return { index: frame.index, width: frame.width, height: frame.height, thumbnail, faces: evidence };
}
