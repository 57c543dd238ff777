import type { Random } from "../engine/index.ts";
import { sampleSquare } from "../faces/index.ts";
import { drawFaceMask, WHOLE_FACE } from "./face-mask.ts";
import { matchColours } from "./match-colours.ts";
import { type Blend, blend, type FaceCrop } from "./self-blend.ts";

/**
 * A face swap without a network: the source face is aligned to the target by landmarks, matched in colour and blended in (Li
 * et al., "Face X-Ray", CVPR 2020).
 *
 * @param target face that surrounds the swapped part; the matching real
 * @param source face of another person, any size
 * @returns null if the mask is empty
 */
export function swapBlend(target: FaceCrop, source: FaceCrop, random: Random): Blend | null {
  return blendIn(target, source, drawFaceMask(target.mesh, target.size, random));
}

/** The same with the whole face. */
export function swapWholeFace(target: FaceCrop, source: FaceCrop, random: Random): Blend | null {
  return blendIn(target, source, drawFaceMask(target.mesh, target.size, random, WHOLE_FACE));
}

function blendIn(target: FaceCrop, source: FaceCrop, mask: Float32Array | null): Blend | null {
  const { size } = target;
  if (mask === null) return null;
  const picture = { data: source.data, width: source.size, height: source.size };
  const aligned = sampleSquare(picture, alignment(target.mesh, source.mesh, size), size, "edge");
  const values = Float32Array.from(aligned);
  matchColours(values, Float32Array.from(target.data), mask);
  return blend(target.data, Uint8Array.from(new Uint8ClampedArray(values)), mask);
}

/**
 * How differently two faces are shaped and turned: mean square distance of their landmarks after the alignment, relative to the
 * mean square size of the source's. In [0, 1]; 0 = alike.
 */
export function poseDistance(target: Float32Array, source: Float32Array): number {
  const { a, b, length } = similarity(target, source);
  const [x, y] = centreOf(source);
  let size = 0;
  for (let i = 0; i < source.length; i += 2) size += (source[i]! - x) ** 2 + (source[i + 1]! - y) ** 2;
  return size === 0 ? 1 : Math.max(0, 1 - ((a * a + b * b) * length) / size);
}

/** The square of the source that maps to the target crop. */
function alignment(target: Float32Array, source: Float32Array, size: number) {
  const { a, b } = similarity(target, source);
  const [targetX, targetY] = centreOf(target);
  const [sourceX, sourceY] = centreOf(source);
  const [dx, dy] = [size / 2 - targetX, size / 2 - targetY];
  return {
    centreX: sourceX + a * dx - b * dy,
    centreY: sourceY + b * dx + a * dy,
    side: size * Math.hypot(a, b),
    angleRad: Math.atan2(b, a),
  };
}

/** Least-squares similarity from the target's mesh to the source's (Umeyama 1991): scale and rotation as a + bi. */
function similarity(target: Float32Array, source: Float32Array) {
  const [targetX, targetY] = centreOf(target);
  const [sourceX, sourceY] = centreOf(source);
  let [dot, cross, length] = [0, 0, 1e-9];
  for (let i = 0; i < target.length; i += 2) {
    const [u, v] = [target[i]! - targetX, target[i + 1]! - targetY];
    const [x, y] = [source[i]! - sourceX, source[i + 1]! - sourceY];
    dot += u * x + v * y;
    cross += u * y - v * x;
    length += u * u + v * v;
  }
  // From target to source: p -> scale * rotation * (p - target centre) + source centre.
  return { a: dot / length, b: cross / length, length };
}

function centreOf(mesh: Float32Array): [x: number, y: number] {
  let [x, y] = [0, 0];
  for (let i = 0; i < mesh.length; i += 2) {
    x += mesh[i]!;
    y += mesh[i + 1]!;
  }
  return [(2 * x) / mesh.length, (2 * y) / mesh.length];
}
