import { applyLowResolution, type FaceCrop, swapWholeFace, upscale } from "../../augmentation/index.ts";
import { seededRandom, type Tensor4D, tf } from "../../engine/index.ts";
import { cropFace, cropSquare, type DetectedFace, type Picture } from "../../faces/index.ts";
import { type ManipulationModel, manipulateFaces, type Person } from "../../networks/index.ts";
import { pasteFace } from "./paste-face.ts";

/** How a trained forger is put to use. */
export interface ManipulationSettings {
  /** Side of the crop as a multiple of the face, as it was trained. */
  readonly margin: number;
  /** Who faces become, of a swap. */
  readonly person: Person;
  /** Restoration only: false makes the face small and soft first, so that there is something to invent. */
  readonly isAsItIs: boolean;
  /** Restoration only: a face that replaces that of the picture before the network redraws it; as it is, not made small. */
  readonly source?: { readonly picture: Picture; readonly face: DetectedFace } | undefined;
}

/** A quarter of the pixels a side, a little soft: what the restorer is measured on, too. */
const SHRUNK = { halvings: 2, blurs: 1, noise: 0 };

/**
 * A picture with one face forged by a trained network and put back.
 *
 * @param picture RGB uint8; not changed
 * @returns a new picture of the same size
 */
export function manipulatePicture(
  picture: Picture,
  face: DetectedFace,
  model: ManipulationModel,
  { margin, person, isAsItIs, source }: ManipulationSettings,
): Picture {
  const { resolution: side, kind } = model.network;
  const size = { sizePx: side, margin };
  const target = faceCrop(picture, face, size);
  const swapped =
    source && swapWholeFace(target, faceCrop(source.picture, source.face, size), seededRandom(0));
  const crop = swapped?.forged ?? target.data;
  const made = tf.tidy(() => {
    const values = Float32Array.from(crop, (value) => value / 127.5 - 1);
    let input: Tensor4D = tf.tensor4d(values, [1, side, side, 3]);
    if (kind === "restoration" && !isAsItIs && source === undefined)
      input = upscale(applyLowResolution(input, SHRUNK, seededRandom(0)), side);
    return tf.clipByValue(tf.add(tf.mul(manipulateFaces(model, input, person), 127.5), 127.5), 0, 255);
  });
  const bytes = Uint8Array.from(made.dataSync(), (value) => value + 0.5);
  made.dispose();
  const square = cropSquare(face.box, margin);
  return pasteFace(picture, bytes, { side, square, mesh: face.mesh, keepsColours: kind === "restoration" });
}

function faceCrop(
  picture: Picture,
  { box, mesh }: DetectedFace,
  { sizePx, margin }: { sizePx: number; margin: number },
): FaceCrop {
  const { centreX, centreY, side } = cropSquare(box, margin);
  const scale = sizePx / side;
  return {
    data: cropFace(picture, box, { sizePx, margin }),
    size: sizePx,
    mesh: mesh.map((value, i) => (value - (i % 2 === 0 ? centreX : centreY)) * scale + sizePx / 2),
  };
}
