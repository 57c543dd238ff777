import { applyLowResolution, type FaceCrop, swapWholeFace, upscale } from "../../augmentation/index.ts";
import { seededRandom, type Tensor4D, tf } from "../../engine/index.ts";
import { cropFace, cropSquare, type DetectedFace, type Picture } from "../../faces/index.ts";
import { type ManipulationModel, manipulateFaces, type Person } from "../../networks/index.ts";
import { pasteFace } from "./paste-face.ts";

/** How a manipulation model is applied. */
export interface ManipulationSettings {
  /** Side of the crop as a multiple of the face, as in training. */
  readonly margin: number;
  /** Target person of a swap. */
  readonly person: Person;
  /** Restoration only: false degrades the face first, so that the model has details to invent. */
  readonly isAsItIs: boolean;
  /** Restoration only: this face is put on first, and the network redraws the result; it is not degraded. */
  readonly source?: { readonly picture: Picture; readonly face: DetectedFace } | undefined;
}

/** Degradation before restoration; the same as in `measureRestoration`. */
const DEGRADED = { halvings: 2, blurs: 1, noise: 0 };

/**
 * Manipulates one face of a picture.
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
      input = upscale(applyLowResolution(input, DEGRADED, seededRandom(0)), side);
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
