import { type BoxPx, type CropSpec, cropSquare } from "../faces/index.ts";
import { encodeJpeg } from "../media/encode-image.ts";
import type { Frame } from "../media/index.ts";
import type { FrameEvidence, HeatMap } from "../types/pictures.ts";

/** Longer side of a thumbnail: sharp at the size of the player on a screen. */
const THUMBNAIL_SIDE_PX = 640;
const THUMBNAIL_QUALITY = 70;
/** High, because the crop shows the input of the network, which has no such compression artifacts. */
const CROP_QUALITY = 92;

/** A scored face. */
export interface ScoredCrop {
  readonly box: BoxPx;
  /** RGB uint8 [sizePx, sizePx, 3]. */
  readonly crop: Uint8Array;
  readonly heat: HeatMap | null;
}

/**
 * Encodes the pictures of a frame.
 *
 * @param faces in the order of the frame; null for faces that were not scored
 * @param spec size and margin of the crops
 */
export async function makeFrameEvidence(
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
