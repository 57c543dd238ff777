import { convexHull, gaussianBlur, matchColours } from "../../augmentation/index.ts";
import type { Picture, SquarePx } from "../../faces/index.ts";

/** Softness of the seam, and how far within the face it lies, as shares of the square's side. */
const SEAM = 0.03;

/**
 * A face put back where it was cut out, with the colours that were there, blended at the edge of the face.
 *
 * @param picture RGB uint8; not changed
 * @param face RGB uint8 [side, side, 3], the square at the forger's size
 * @param options.square where it was cut
 * @param options.mesh (x, y) of 468 points in pixels of the picture
 * @param options.keepsColours false brings the mean and deviation of each channel to those of the face that was there
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
  const forged = new Float32Array(box.width * box.height * 3);
  for (let row = 0; row < box.height; row++) {
    for (let column = 0; column < box.width; column++) {
      const u = ((left + column + 0.5 - square.centreX) / square.side + 0.5) * side - 0.5;
      const v = ((top + row + 0.5 - square.centreY) / square.side + 0.5) * side - 0.5;
      sample(face, side, u, v, forged, (row * box.width + column) * 3);
    }
  }
  const there = pixelsOf(picture, box);
  if (!keepsColours) matchColours(forged, there, mask);
  const data = Uint8Array.from(picture.data);
  for (let row = 0; row < box.height; row++) {
    for (let column = 0; column < box.width; column++) {
      const i = row * box.width + column;
      const o = ((top + row) * width + left + column) * 3;
      for (let c = 0; c < 3; c++) {
        const value = forged[i * 3 + c]! * mask[i]! + there[i * 3 + c]! * (1 - mask[i]!);
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

/** 1 within the face, 0 outside, soft between: the hull of the mesh, blurred and cut off at its own edge. */
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
  // Half at the hull's edge would leave half of the old face's outline: it falls to nothing there instead.
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
