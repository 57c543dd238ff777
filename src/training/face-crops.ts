import type { FaceCrop } from "../augmentation/index.ts";
import type { FacePixels } from "../data/face-dataset.ts";
import type { Random } from "../engine/index.ts";
import { type CropSpec, type Picture, sampleSquare } from "../faces/index.ts";

/** The crop as in detection, without augmentation. @returns RGB uint8 [sizePx, sizePx, 3] */
export function cropCentered(face: FacePixels, spec: CropSpec): Uint8Array {
  const { centreX, centreY, longerSidePx } = face.box;
  const square = { centreX, centreY, side: longerSidePx * spec.margin };
  return sampleSquare(asPicture(face), square, spec.sizePx, "edge");
}

/** Random geometric transform of a crop; the same for both faces of a pair. */
export interface CropTransform {
  readonly shiftX: number;
  readonly shiftY: number;
  readonly scale: number;
  readonly angleRad: number;
  readonly isMirrored: boolean;
}

/** Draws a shift of up to 5% of the crop, a scale of 0.92 to 1.1, a rotation of up to 7 degrees (half of the time), a flip. */
export function drawCropTransform(random: Random): CropTransform {
  return {
    shiftX: random.between(-0.05, 0.05),
    shiftY: random.between(-0.05, 0.05),
    scale: random.between(0.92, 1.1),
    angleRad: random.chance(0.5) ? random.between(-0.12, 0.12) : 0,
    isMirrored: random.chance(0.5),
  };
}

/** Minimum side at which a face is blended or degraded, pixels. */
const MIN_SIDE_PX = 64;

/**
 * The crop at the resolution of the picture if the network input is larger. Degradations then have the same size relative to
 * the face as in published pictures.
 */
export function withoutUpscaling(face: FacePixels, spec: CropSpec, framing: CropTransform): CropSpec {
  const side = Math.round(face.box.longerSidePx * spec.margin * framing.scale);
  return { ...spec, sizePx: Math.min(spec.sizePx, Math.max(MIN_SIDE_PX, side)) };
}

/** Resizes a crop. @param data RGB uint8 [size, size, 3] @returns RGB uint8 [sizePx, sizePx, 3] */
export function resizeCrop(data: Uint8Array, size: number, sizePx: number): Uint8Array {
  if (size === sizePx) return data;
  const whole = { centreX: size / 2, centreY: size / 2, side: size };
  return sampleSquare({ data, width: size, height: size }, whole, sizePx, "edge");
}

/** Crops a face with a geometric transform; the mesh is transformed too. */
export function cropAugmented(face: FacePixels, spec: CropSpec, framing: CropTransform): FaceCrop {
  const plainSide = face.box.longerSidePx * spec.margin;
  const side = plainSide * framing.scale;
  const centreX = face.box.centreX + framing.shiftX * plainSide;
  const centreY = face.box.centreY + framing.shiftY * plainSide;
  const square = { centreX, centreY, side, angleRad: framing.angleRad };
  const data = sampleSquare(asPicture(face), square, spec.sizePx, "edge");
  const scale = spec.sizePx / side;
  const [cos, sin] = [Math.cos(framing.angleRad), Math.sin(framing.angleRad)];
  const mesh = new Float32Array(face.mesh.length);
  for (let i = 0; i < mesh.length; i += 2) {
    const [dx, dy] = [face.mesh[i]! - centreX, face.mesh[i + 1]! - centreY];
    const x = (dx * cos + dy * sin) * scale + spec.sizePx / 2;
    mesh[i] = framing.isMirrored ? spec.sizePx - x : x;
    mesh[i + 1] = (dy * cos - dx * sin) * scale + spec.sizePx / 2;
  }
  if (framing.isMirrored) mirrorRows(data, spec.sizePx);
  return { data, size: spec.sizePx, mesh };
}

function asPicture({ data, sidePx }: FacePixels): Picture {
  return { data, width: sidePx, height: sidePx };
}

function mirrorRows(data: Uint8Array, size: number): void {
  for (let row = 0; row < size; row++) {
    for (let left = 0, right = size - 1; left < right; left++, right--) {
      for (let c = 0; c < 3; c++) {
        const a = (row * size + left) * 3 + c;
        const b = (row * size + right) * 3 + c;
        const swap = data[a]!;
        data[a] = data[b]!;
        data[b] = swap;
      }
    }
  }
}
