import { readValues, tf } from "../engine/index.ts";
import { cropFace, cropSquare, type FaceObservation } from "../faces/index.ts";
import { encodeJpeg } from "../media/encode-image.ts";
import type { Frame } from "../media/index.ts";
import { type Discriminator, headLogits, type ModelManifest } from "../networks/index.ts";
import { type FrameEvidence, THUMBNAIL_SIDE_PX } from "./evidence.ts";
import type { HeatMap } from "./heat-map.ts";
import { batchOf } from "./score-crops.ts";

/** Small, and good enough to know the scene by. */
const THUMBNAIL_QUALITY = 70;
/** The crop is what the network saw; this leaves no blocks that it did not see. */
const CROP_QUALITY = 92;

/** Pictures and heat maps of a frame whose faces have been scored. */
export async function gatherEvidence(
  frame: Frame,
  faces: readonly FaceObservation[],
  model: { readonly discriminator: Discriminator; readonly manifest: ModelManifest },
): Promise<FrameEvidence> {
  const { crop: spec } = model.manifest;
  const size = spec.sizePx;
  const scored = faces.filter((face) => face.authenticity !== null);
  const crops = scored.map((face) => cropFace(frame, face.box, spec));
  const heats = heatMaps(model.discriminator, crops, size);
  const evidence = await Promise.all(
    scored.map(async (face, i) => ({
      square: cropSquare(face.box, spec.margin),
      crop: await encodeJpeg(
        { width: size, height: size, data: crops[i]! },
        { quality: CROP_QUALITY, hasFullColor: true },
      ),
      heat: heats[i]!,
    })),
  );
  const thumbnail = await encodeJpeg(frame, { quality: THUMBNAIL_QUALITY, maxSidePx: THUMBNAIL_SIDE_PX });
  return {
    index: frame.index,
    width: frame.width,
    height: frame.height,
    thumbnail,
    faces: faces.map((face) => (face.authenticity === null ? null : evidence[scored.indexOf(face)]!)),
  };
}

/** Localization maps; null for networks without that head. @param crops RGB uint8 [size, size, 3] each */
function heatMaps(
  discriminator: Discriminator,
  crops: readonly Uint8Array[],
  size: number,
): (HeatMap | null)[] {
  if (crops.length === 0 || discriminator.architecture !== "mobilenet-v1") return crops.map(() => null);
  let [height, width] = [0, 0];
  const values = readValues(() => {
    const { localization } = headLogits(discriminator.parameters, batchOf(crops, size), "inference");
    [, height, width] = localization.shape;
    return tf.sigmoid(localization);
  });
  const cells = width * height;
  return crops.map((_, i) => ({ width, height, fake: values.slice(i * cells, (i + 1) * cells) }));
}
