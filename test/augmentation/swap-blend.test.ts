import { beforeAll, describe, expect, test } from "vitest";
import { drawFaceMask } from "../../src/augmentation/face-mask.ts";
import { type Blend, type FaceCrop, poseDistance, swapBlend } from "../../src/augmentation/index.ts";
import { seededRandom } from "../../src/engine/index.ts";
import { sampleSquare } from "../../src/faces/index.ts";
import { cutPortrait } from "./portrait-crop.ts";

const size = 128;
let target: FaceCrop;
/** The same face, turned, moved and cut wider: what a swap must bring back to its place. */
let moved: FaceCrop;

/** The portrait as a square of another place, size and angle shows it. */
function viewOf(
  face: FaceCrop,
  square: { centreX: number; centreY: number; side: number; angleRad: number },
  to: number,
): FaceCrop {
  const { data, size: side, mesh } = face;
  const [cos, sin] = [Math.cos(square.angleRad), Math.sin(square.angleRad)];
  const scale = to / square.side;
  const turned = mesh.map((_, i) => {
    const [dx, dy] = [mesh[i - (i % 2)]! - square.centreX, mesh[i - (i % 2) + 1]! - square.centreY];
    return (i % 2 === 0 ? dx * cos + dy * sin : dy * cos - dx * sin) * scale + to / 2;
  });
  return {
    data: sampleSquare({ data, width: side, height: side }, square, to, "edge"),
    size: to,
    mesh: turned,
  };
}

/** The face with other colours: each channel darker and with less contrast. */
function recoloured(face: FaceCrop): FaceCrop {
  return { ...face, data: face.data.map((value, i) => value * [0.5, 0.8, 0.7][i % 3]! + 10) };
}

const swapsOf = (source: FaceCrop, count = 20): { seed: number; swap: Blend }[] =>
  Array.from({ length: count }, (_, seed) => seed).flatMap((seed) => {
    const swap = swapBlend(target, source, seededRandom(seed));
    return swap === null ? [] : [{ seed, swap }];
  });

/** Mean difference of two pictures where the mask is above 0.5. */
function insideGap(a: Uint8Array, b: Uint8Array, mask: Float32Array): number {
  let [sum, count] = [0, 0];
  mask.forEach((value, i) => {
    if (value < 0.5) return;
    for (let c = 0; c < 3; c++) sum += Math.abs(a[3 * i + c]! - b[3 * i + c]!);
    count += 3;
  });
  return sum / count;
}

beforeAll(async () => {
  const large = await cutPortrait(256);
  target = viewOf(large, { centreX: 128, centreY: 128, side: 256, angleRad: 0 }, size);
  moved = viewOf(large, { centreX: 140, centreY: 120, side: 230, angleRad: 0.3 }, 160);
});

describe("swapBlend", () => {
  test("aligns the source's landmarks to the target's: a turned and moved copy lands where it was", () => {
    const swaps = swapsOf(moved);
    expect(swaps.length).toBeGreaterThan(15);
    for (const { swap } of swaps) {
      const gap = insideGap(swap.forged, target.data, swap.mask);
      // As far off as the target itself is when it is moved by two pixels.
      const shifted = viewOf(target, { centreX: 66, centreY: 64, side: size, angleRad: 0 }, size);
      expect(gap).toBeLessThan(insideGap(shifted.data, target.data, swap.mask));
    }
  });

  test("shows the source within the mask, and changes nothing outside of it", () => {
    const dots = {
      ...target,
      data: target.data.map((value, i) => (Math.floor(i / 12) % 2 === 0 ? 255 - value : value)),
    };
    for (const { seed, swap } of swapsOf(dots)) {
      expect(swap.mask).toEqual(drawFaceMask(target.mesh, size, seededRandom(seed)));
      expect(insideGap(swap.forged, target.data, swap.mask)).toBeGreaterThan(10);
      const changed = Array.from({ length: swap.forged.length }, (_, i) => i).filter(
        (i) => swap.forged[i] !== target.data[i],
      );
      expect(changed.filter((i) => swap.mask[Math.floor(i / 3)] === 0)).toEqual([]);
      expect(Buffer.compare(swap.real, target.data)).toBe(0);
    }
  });

  test("brings the source to the target's colours", () => {
    const dark = recoloured(target);
    for (const { swap } of swapsOf(dark)) {
      const before = insideGap(dark.data, target.data, swap.mask);
      expect(before).toBeGreaterThan(15);
      expect(insideGap(swap.forged, target.data, swap.mask)).toBeLessThan(0.1 * before);
    }
  });

  test("is the same for a seed and another for another, and leaves both faces as they were", () => {
    const copies = [target, moved].map(({ data, mesh }) => ({ data: data.slice(), mesh: mesh.slice() }));
    const [first, again] = [swapsOf(moved, 8), swapsOf(moved, 8)];
    expect(again).toEqual(first);
    const masks = first.map(({ swap }) => Buffer.from(swap.mask.buffer).toString("base64"));
    expect(new Set(masks).size).toBe(first.length);
    [target, moved].forEach(({ data, mesh }, i) => {
      expect({ data, mesh }).toEqual(copies[i]);
    });
  });

  test("gives null where the target's mesh has no area", () => {
    expect(swapBlend({ ...target, mesh: new Float32Array(936) }, moved, seededRandom(1))).toBeNull();
  });
});

test("the pose distance is 0 for a face that is moved, turned and scaled, and grows with another shape", () => {
  const mesh = Float32Array.from({ length: 936 }, (_, i) => 50 + 30 * Math.sin(i * 1.7) + (i % 2) * 9);
  const [cos, sin] = [1.5 * Math.cos(0.3), 1.5 * Math.sin(0.3)];
  const moved = mesh.map((value, i) =>
    i % 2 === 0 ? cos * value - sin * mesh[i + 1]! + 7 : sin * mesh[i - 1]! + cos * value - 4,
  );
  expect(poseDistance(mesh, moved)).toBeCloseTo(0, 5);
  const narrow = mesh.map((value, i) => (i % 2 === 0 ? value / 2 : value));
  const narrower = mesh.map((value, i) => (i % 2 === 0 ? value / 4 : value));
  expect(poseDistance(mesh, narrow)).toBeGreaterThan(0.01);
  expect(poseDistance(mesh, narrower)).toBeGreaterThan(poseDistance(mesh, narrow));
});
