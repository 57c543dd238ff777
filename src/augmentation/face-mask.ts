import type { Random } from "../engine/index.ts";
import { gaussianBlur } from "./gaussian-blur.ts";

/** Mesh points of the vertical axis of the face: top of the forehead and chin (MediaPipe numbering). */
const FOREHEAD = 10;
const CHIN = 152;

/**
 * Regions that manipulation methods replace, as ranges along the axis from forehead (0) to chin (1); `across` is the maximum
 * distance from the axis in units of its length.
 */
const REGIONS = [
  { name: "face", from: -Infinity, to: Infinity, across: Infinity, weight: 6 },
  { name: "below the brows", from: 0.22, to: Infinity, across: Infinity, weight: 2 },
  { name: "lower face", from: 0.5, to: Infinity, across: Infinity, weight: 2 },
  { name: "eyes and nose", from: 0.2, to: 0.68, across: 0.42, weight: 1 },
  { name: "mouth", from: 0.6, to: 0.92, across: 0.28, weight: 1 },
] as const;

/**
 * Draws a blending mask over part of a face (Shiohara & Yamasaki 2022): the convex hull of mesh points, elastically deformed
 * (Simard et al. 2003), blurred, eroded, blurred again and normalised.
 *
 * @param mesh 468 points (x, y) in crop pixels
 * @param region part of the face; drawn if omitted
 * @returns float32 [size, size] in [0, 1], or null if the mask is empty
 */
export function drawFaceMask(
  mesh: Float32Array,
  size: number,
  random: Random,
  region: FaceRegion = drawRegion(random),
): Float32Array | null {
  // The mask is smooth, so half the resolution is enough and takes a quarter of the time.
  const half = drawMaskAt(
    mesh.map((coordinate) => coordinate / 2),
    Math.ceil(size / 2),
    random,
    region,
  );
  if (half === null) return null;
  const mask = enlarge(half, Math.ceil(size / 2), size);
  let peak = 0;
  for (const value of mask) if (value > peak) peak = value;
  if (peak < 0.2) return null;
  for (let i = 0; i < mask.length; i++) mask[i]! /= peak;
  return mask;
}

function drawMaskAt(
  mesh: Float32Array,
  size: number,
  random: Random,
  region: FaceRegion,
): Float32Array | null {
  const hull = convexHull(pointsOf(mesh, region));
  if (hull.length < 3) return null;
  const shape = { width: size, height: size, channels: 1 };
  let mask = deform(fillPolygon(hull, size), size, random);
  // Kernels of 5 to 25 pixels at 256 px as in the paper, with sigma = 0.3 (k / 2 - 1) + 0.8 (OpenCV).
  const drawSigma = () => ((0.3 * (random.between(5, 25) / 2 - 1) + 0.8) * size) / 256;
  mask = gaussianBlur(mask, shape, drawSigma());
  for (let i = 0; i < mask.length; i++) mask[i] = mask[i]! > 0.995 ? 1 : 0;
  return gaussianBlur(mask, shape, drawSigma() * random.between(0.7, 2));
}

/** Bilinear upsampling by 2, edges repeated. */
function enlarge(mask: Float32Array, from: number, to: number): Float32Array {
  const out = new Float32Array(to * to);
  for (let row = 0; row < to; row++) {
    const v = Math.min(from - 1, Math.max(0, (row - 0.5) / 2));
    const [top, bottom] = [Math.floor(v) * from, Math.ceil(v) * from];
    const fv = v % 1;
    for (let column = 0; column < to; column++) {
      const u = Math.min(from - 1, Math.max(0, (column - 0.5) / 2));
      const [left, right] = [Math.floor(u), Math.ceil(u)];
      const fu = u % 1;
      const above = mask[top + left]! * (1 - fu) + mask[top + right]! * fu;
      const below = mask[bottom + left]! * (1 - fu) + mask[bottom + right]! * fu;
      out[row * to + column] = above * (1 - fv) + below * fv;
    }
  }
  return out;
}

type FaceRegion = (typeof REGIONS)[number];
/** From forehead to chin. */
export const WHOLE_FACE: FaceRegion = REGIONS[0];
type Point = readonly [x: number, y: number];

function drawRegion(random: Random): FaceRegion {
  return random.pick(REGIONS.flatMap((region) => Array.from({ length: region.weight }, () => region)));
}

function pointsOf(mesh: Float32Array, region: FaceRegion): Point[] {
  const top: Point = [mesh[2 * FOREHEAD]!, mesh[2 * FOREHEAD + 1]!];
  const axis: Point = [mesh[2 * CHIN]! - top[0], mesh[2 * CHIN + 1]! - top[1]];
  const lengthSquared = axis[0] ** 2 + axis[1] ** 2;
  const points: Point[] = [];
  for (let i = 0; i < mesh.length; i += 2) {
    const [dx, dy] = [mesh[i]! - top[0], mesh[i + 1]! - top[1]];
    const along = (dx * axis[0] + dy * axis[1]) / lengthSquared;
    const across = Math.abs(dx * axis[1] - dy * axis[0]) / lengthSquared;
    if (along >= region.from && along <= region.to && across <= region.across)
      points.push([mesh[i]!, mesh[i + 1]!]);
  }
  return points;
}

/** Andrew's monotone chain (1979). */
export function convexHull(points: readonly Point[]): Point[] {
  const sorted = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const half = (list: readonly Point[]) => {
    const chain: Point[] = [];
    for (const p of list) {
      while (chain.length >= 2 && turn(chain.at(-2)!, chain.at(-1)!, p) <= 0) chain.pop();
      chain.push(p);
    }
    chain.pop();
    return chain;
  };
  return [...half(sorted), ...half(sorted.reverse())];
}

function turn(a: Point, b: Point, c: Point): number {
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}

/** 1 inside a convex polygon, 0 outside, sampled at pixel centres. */
function fillPolygon(polygon: readonly Point[], size: number): Float32Array {
  const mask = new Float32Array(size * size);
  for (let row = 0; row < size; row++) {
    const y = row + 0.5;
    let [left, right] = [Infinity, -Infinity];
    polygon.forEach((a, i) => {
      const b = polygon[(i + 1) % polygon.length]!;
      if (a[1] <= y === b[1] <= y) return;
      const x = a[0] + ((y - a[1]) / (b[1] - a[1])) * (b[0] - a[0]);
      left = Math.min(left, x);
      right = Math.max(right, x);
    });
    const first = Math.max(0, Math.ceil(left - 0.5));
    const last = Math.min(size - 1, Math.floor(right - 0.5));
    if (first <= last) mask.fill(1, row * size + first, row * size + last + 1);
  }
  return mask;
}

/** Elastic deformation: displacements of up to 6% of the side on a 5 x 5 grid, interpolated. */
function deform(mask: Float32Array, size: number, random: Random): Float32Array {
  const cells = 4;
  const reach = random.between(0, 0.06) * size;
  const grid = () => Float32Array.from({ length: (cells + 1) ** 2 }, () => random.between(-reach, reach));
  const [dx, dy] = [grid(), grid()];
  const out = new Float32Array(mask.length);
  for (let row = 0; row < size; row++) {
    const v = (row / size) * cells;
    const r = Math.floor(v);
    const fv = v - r;
    for (let column = 0; column < size; column++) {
      const u = (column / size) * cells;
      const c = Math.floor(u);
      const fu = u - c;
      const at = r * (cells + 1) + c;
      const lerp = (field: Float32Array) =>
        (field[at]! * (1 - fu) + field[at + 1]! * fu) * (1 - fv) +
        (field[at + cells + 1]! * (1 - fu) + field[at + cells + 2]! * fu) * fv;
      const x = Math.round(column + lerp(dx));
      const y = Math.round(row + lerp(dy));
      if (x >= 0 && y >= 0 && x < size && y < size) out[row * size + column] = mask[y * size + x]!;
    }
  }
  return out;
}
