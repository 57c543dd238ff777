import { readValues, type Tensor4D, tf } from "../engine/index.ts";
import { cropFace, cropSquare, type FaceObservation } from "../faces/index.ts";
import { encodeJpeg } from "../media/encode-image.ts";
import type { Frame } from "../media/index.ts";
import {
  classActivation,
  type Discriminator,
  hasClassActivation,
  type ModelManifest,
} from "../networks/index.ts";
import { type FrameEvidence, THUMBNAIL_SIDE_PX } from "./evidence.ts";
import type { HeatMap } from "./heat-map.ts";

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
  const { crop: spec, calibration } = model.manifest;
  const size = spec.sizePx;
  const scored = faces.filter((face) => face.authenticity !== null);
  const crops = scored.map((face) => cropFace(frame, face.box, spec));
  const heats = heatMaps(model.discriminator, crops, size).map(
    (heat) => heat && { ...heat, logits: heat.logits.map((z) => calibration.scale * z + calibration.bias) },
  );
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

/** Logits of each crop's cells, before calibration. @param crops RGB uint8 [size, size, 3] */
function heatMaps(
  discriminator: Discriminator,
  crops: readonly Uint8Array[],
  size: number,
): (HeatMap | null)[] {
  if (crops.length === 0 || !hasClassActivation(discriminator)) return crops.map(() => null);
  const pixels = new Float32Array(crops.length * size * size * 3);
  for (const [i, crop] of crops.entries()) pixels.set(crop, i * crop.length);
  // [N, h, w]
  let shape: readonly number[] = [];
  const values = readValues(() => {
    const { maps } = classActivation(
      discriminator,
      tf.tensor4d(pixels, [crops.length, size, size, 3]) as Tensor4D,
    );
    shape = maps.shape;
    return maps;
  });
  const [, height = 0, width = 0] = shape;
  const cells = width * height;
  return crops.map((_, i) => ({ width, height, logits: values.slice(i * cells, (i + 1) * cells) }));
}
