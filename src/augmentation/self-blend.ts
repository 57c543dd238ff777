import type { Random } from "../engine/index.ts";
import { sampleSquare } from "../faces/index.ts";
import { drawFaceMask } from "./face-mask.ts";
import { gaussianBlur } from "./gaussian-blur.ts";

/** A square face crop with its mesh. */
export interface FaceCrop {
  /** RGB uint8 [size, size, 3]. */
  readonly data: Uint8Array;
  readonly size: number;
  /** (x, y) of 468 points in pixels of the crop; length 936. */
  readonly mesh: Float32Array;
}

/** A fake made from a real face, and where it is fake. */
export interface Blend {
  /** RGB uint8 [size, size, 3]. */
  readonly forged: Uint8Array;
  /** The face that it was blended into: the matching real. */
  readonly real: Uint8Array;
  /** float32 [size, size] in [0, 1]. */
  readonly mask: Float32Array;
}

/** How much of the altered copy shows; half of the draws show all of it. */
const STRENGTHS = [0.25, 0.5, 0.75, 1, 1, 1] as const;

/**
 * A forgery made from one real face: the face is blended with a slightly different version of itself, which leaves
 * the traces of a swap (seam, mismatch of colour and sharpness) and none of any one generator.
 *
 * After Shiohara & Yamasaki, "Detecting Deepfakes with Self-Blended Images", CVPR 2022, from its description.
 *
 * @returns null when the mask was empty
 */
export function selfBlend(face: FaceCrop, random: Random): Blend | null {
  const mask = drawFaceMask(face.mesh, face.size, random);
  if (mask === null) return null;
  // Exactly one of the two copies is altered, so that "altered" alone says nothing of the label.
  const altersSource = random.chance(0.5);
  const altered = alter(face.data, face.size, random);
  const source = altersSource ? altered : face.data;
  const target = altersSource ? face.data : altered;
  const moved = moveSlightly(source, mask, face.size, random);
  const strength = random.pick(STRENGTHS);
  return blend(
    target,
    moved.data,
    moved.mask.map((value) => value * strength),
  );
}

/** @param mask float32 [size, size] in [0, 1]: how much of the source shows */
export function blend(target: Uint8Array, source: Uint8Array, mask: Float32Array): Blend {
  const forged = new Uint8Array(target.length);
  for (let i = 0, p = 0; i < mask.length; i++) {
    const a = mask[i]!;
    for (let c = 0; c < 3; c++, p++) forged[p] = source[p]! * a + target[p]! * (1 - a) + 0.5;
  }
  return { forged, real: target, mask };
}

/** Colour shift, contrast and brightness, then either a loss of resolution or sharpening. */
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

/** Moves by up to 3% and 1.5%, scales by up to 5%: picture and mask alike. */
function moveSlightly(data: Uint8Array, mask: Float32Array, size: number, random: Random) {
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
