import type { Random } from "../engine/index.ts";
import { sampleSquare } from "../faces/index.ts";
import { drawFaceMask } from "./face-mask.ts";
import { gaussianBlur } from "./gaussian-blur.ts";

/** A square face crop with its mesh. */
export interface FaceCrop {
  /** RGB uint8 [size, size, 3]. */
  readonly data: Uint8Array;
  readonly size: number;
  /** 468 points (x, y) in crop pixels; length 936. */
  readonly mesh: Float32Array;
}

/** A blended fake with its mask. */
export interface Blend {
  /** RGB uint8 [size, size, 3]. */
  readonly forged: Uint8Array;
  /** The target of the blend: the matching real. RGB uint8 [size, size, 3]. */
  readonly real: Uint8Array;
  /** Where the face is fake: float32 [size, size] in [0, 1]. */
  readonly mask: Float32Array;
}

/** Blending ratios; half of the draws are 1. */
const BLEND_RATIOS = [0.25, 0.5, 0.75, 1, 1, 1] as const;

/**
 * A self-blended image (Shiohara & Yamasaki, "Detecting Deepfakes with Self-Blended Images", CVPR 2022): a real face blended
 * with a transformed copy of itself. It has the traces of a swap (seam, mismatch of colour and sharpness) but not those of a
 * specific generator.
 *
 * @returns null if the mask is empty
 */
export function selfBlend(face: FaceCrop, random: Random): Blend | null {
  const mask = drawFaceMask(face.mesh, face.size, random);
  if (mask === null) return null;
  // Source or target is transformed, so that the transform alone does not reveal the label.
  const isSourceAltered = random.chance(0.5);
  const altered = alter(face.data, face.size, random);
  const source = isSourceAltered ? altered : face.data;
  const target = isSourceAltered ? face.data : altered;
  const moved = shiftAndScale(source, mask, face.size, random);
  const ratio = random.pick(BLEND_RATIOS);
  return blend(
    target,
    moved.data,
    moved.mask.map((value) => value * ratio),
  );
}

/** Alpha blending. @param mask float32 [size, size] in [0, 1]: weight of the source */
export function blend(target: Uint8Array, source: Uint8Array, mask: Float32Array): Blend {
  const forged = new Uint8Array(target.length);
  for (let i = 0, p = 0; i < mask.length; i++) {
    const a = mask[i]!;
    for (let c = 0; c < 3; c++, p++) forged[p] = source[p]! * a + target[p]! * (1 - a) + 0.5;
  }
  return { forged, real: target, mask };
}

/** Random colour shift, contrast and brightness, then downsampling or sharpening. */
function alter(data: Uint8Array, size: number, random: Random): Uint8Array {
  const shift = [random.between(-20, 20), random.between(-20, 20), random.between(-20, 20)];
  const contrast = random.between(0.9, 1.1);
  const brightness = random.between(-0.1, 0.1) * 128;
  const out = new Uint8ClampedArray(data.length);
  for (let i = 0; i < data.length; i++)
    out[i] = (data[i]! - 128) * contrast + 128 + brightness + shift[i % 3]!;
  const recoloured = new Uint8Array(out.buffer);
  return random.chance(0.5)
    ? downUp(recoloured, size, random.between(2, 4))
    : sharpen(recoloured, size, random.between(0.5, 1.5));
}

function downUp(data: Uint8Array, size: number, factor: number): Uint8Array {
  const small = Math.max(8, Math.round(size / factor));
  const whole = (side: number) => ({ centreX: side / 2, centreY: side / 2, side });
  const shrunk = sampleSquare({ data, width: size, height: size }, whole(size), small, "edge");
  return sampleSquare({ data: shrunk, width: small, height: small }, whole(small), size, "edge");
}

/** Unsharp mask. */
function sharpen(data: Uint8Array, size: number, amount: number): Uint8Array {
  const soft = gaussianBlur(new Float32Array(data), { width: size, height: size, channels: 3 }, 1);
  const out = new Uint8ClampedArray(data.length);
  for (let i = 0; i < data.length; i++) out[i] = data[i]! + amount * (data[i]! - soft[i]!);
  return new Uint8Array(out.buffer);
}

/** Shifts picture and mask by up to 3% horizontally and 1.5% vertically, and scales them by up to 5%. */
function shiftAndScale(data: Uint8Array, mask: Float32Array, size: number, random: Random) {
  const square = {
    centreX: size / 2 + random.between(-0.03, 0.03) * size,
    centreY: size / 2 + random.between(-0.015, 0.015) * size,
    side: size / random.between(0.95, 1.05),
  };
  const moved = sampleSquare({ data, width: size, height: size }, square, size, "edge");
  const movedMask = new Float32Array(mask.length);
  const step = square.side / size;
  for (let row = 0; row < size; row++) {
    const y = Math.floor(square.centreY - square.side / 2 + (row + 0.5) * step);
    for (let column = 0; column < size; column++) {
      const x = Math.floor(square.centreX - square.side / 2 + (column + 0.5) * step);
      if (x >= 0 && y >= 0 && x < size && y < size) movedMask[row * size + column] = mask[y * size + x]!;
    }
  }
  return { data: moved, mask: movedMask };
}
