import { convexHull, gaussianBlur, matchColours } from "../../augmentation/index.ts";
import type { Picture, SquarePx } from "../../faces/index.ts";

/** Width of the seam as a fraction of the side of the square. */
const SEAM = 0.03;

/**
 * Pastes a manipulated face into its picture, blended at the edge of the face.
 *
 * @param picture RGB uint8; not changed
 * @param face RGB uint8 [side, side, 3], output of the model
 * @param options.square position of the crop in the picture
 * @param options.mesh 468 points (x, y) in picture pixels
 * @param options.keepsColours false matches the colours to the original face
 * @returns a new picture of the same size
 */
export function pasteFace(
  picture: Picture,
  face: Uint8Array,
  options: { side: number; square: SquarePx; mesh: Float32Array; keepsColours: boolean },
): Picture {
  const { side, square, mesh, keepsColours } = options;
  const { width, height } = picture;
  const left = Math.max(0, Math.floor(square.centreX - square.side / 2));
  const top = Math.max(0, Math.floor(square.centreY - square.side / 2));
  const right = Math.min(width, Math.ceil(square.centreX + square.side / 2));
  const bottom = Math.min(height, Math.ceil(square.centreY + square.side / 2));
  const box = { left, top, width: right - left, height: bottom - top };
  const mask = drawMask(mesh, box, SEAM * square.side);
  const pasted = new Float32Array(box.width * box.height * 3);
  for (let row = 0; row < box.height; row++) {
    for (let column = 0; column < box.width; column++) {
      const u = ((left + column + 0.5 - square.centreX) / square.side + 0.5) * side - 0.5;
      const v = ((top + row + 0.5 - square.centreY) / square.side + 0.5) * side - 0.5;
      sample(face, side, u, v, pasted, (row * box.width + column) * 3);
    }
  }
  const original = pixelsOf(picture, box);
  if (!keepsColours) matchColours(pasted, original, mask);
  const data = Uint8Array.from(picture.data);
  for (let row = 0; row < box.height; row++) {
    for (let column = 0; column < box.width; column++) {
      const i = row * box.width + column;
      const o = ((top + row) * width + left + column) * 3;
      for (let c = 0; c < 3; c++) {
        const value = pasted[i * 3 + c]! * mask[i]! + original[i * 3 + c]! * (1 - mask[i]!);
        data[o + c] = Math.min(255, Math.max(0, value + 0.5));
      }
    }
  }
  return { width, height, data };
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Soft mask: 1 inside the face, falling to 0 at the convex hull of the mesh. */
function drawMask(mesh: Float32Array, { left, top, width, height }: Box, sigma: number): Float32Array {
  const points = Array.from(
    { length: mesh.length / 2 },
    (_, i) => [mesh[2 * i]! - left, mesh[2 * i + 1]! - top] as const,
  );
  const hull = convexHull(points);
  const hard = new Float32Array(width * height);
  for (let row = 0; row < height; row++) {
    const y = row + 0.5;
    const crossings = hull.flatMap((a, i) => {
      const b = hull[(i + 1) % hull.length]!;
      return a[1] <= y === b[1] <= y ? [] : [a[0] + ((y - a[1]) / (b[1] - a[1])) * (b[0] - a[0])];
    });
    if (crossings.length < 2) continue;
    const first = Math.max(0, Math.ceil(Math.min(...crossings) - 0.5));
    const last = Math.min(width, Math.floor(Math.max(...crossings) + 0.5));
    if (first < last) hard.fill(1, row * width + first, row * width + last);
  }
  const soft = gaussianBlur(hard, { width, height, channels: 1 }, Math.max(0.5, sigma));
  // The blurred mask is 0.5 at the hull; rescaled to 0, so that the outline of the original face stays.
  return soft.map((value) => Math.max(0, 2 * value - 1));
}

function sample(face: Uint8Array, side: number, u: number, v: number, out: Float32Array, at: number): void {
  const x = Math.min(side - 1, Math.max(0, u));
  const y = Math.min(side - 1, Math.max(0, v));
  const [x0, y0] = [Math.floor(x), Math.floor(y)];
  const [fx, fy] = [x - x0, y - y0];
  const p = (y0 * side + x0) * 3;
  const right = x0 < side - 1 ? 3 : 0;
  const down = y0 < side - 1 ? side * 3 : 0;
  for (let c = 0; c < 3; c++) {
    const above = face[p + c]! * (1 - fx) + face[p + right + c]! * fx;
    const below = face[p + down + c]! * (1 - fx) + face[p + down + right + c]! * fx;
    out[at + c] = above * (1 - fy) + below * fy;
  }
}

function pixelsOf(picture: Picture, { left, top, width, height }: Box): Float32Array {
  const out = new Float32Array(width * height * 3);
  for (let row = 0; row < height; row++) {
    const begin = ((top + row) * picture.width + left) * 3;
    out.set(picture.data.subarray(begin, begin + width * 3), row * width * 3);
  }
  return out;
}
