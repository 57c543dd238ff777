import { beforeAll, describe, expect, test } from "vitest";
import { drawFaceMask } from "../../src/augmentation/face-mask.ts";
import { type Blend, type FaceCrop, selfBlend } from "../../src/augmentation/index.ts";
import { seededRandom } from "../../src/engine/index.ts";
import { cutPortrait } from "./portrait-crop.ts";

const size = 96;
let face: FaceCrop;
let blends: ({ readonly seed: number } & Blend)[];

beforeAll(async () => {
  face = await cutPortrait(size);
  blends = Array.from({ length: 200 }, (_, seed) => seed).flatMap((seed) => {
    const blend = selfBlend(face, seededRandom(seed));
    return blend === null ? [] : [{ seed, ...blend }];
  });
});

const isSame = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;
/** Whether a pixel of two pictures differs. */
const differs = (a: Uint8Array, b: Uint8Array, pixel: number) =>
  a[3 * pixel] !== b[3 * pixel] ||
  a[3 * pixel + 1] !== b[3 * pixel + 1] ||
  a[3 * pixel + 2] !== b[3 * pixel + 2];

/** True within `reach` pixels of where the mask is above 0. */
function widen(mask: Float32Array, reach: number): boolean[] {
  const wide = new Array<boolean>(mask.length).fill(false);
  mask.forEach((value, i) => {
    if (value === 0) return;
    const [x, y] = [i % size, Math.floor(i / size)];
    for (let row = Math.max(0, y - reach); row <= Math.min(size - 1, y + reach); row++)
      wide.fill(true, row * size + Math.max(0, x - reach), row * size + Math.min(size - 1, x + reach) + 1);
  });
  return wide;
}

describe("selfBlend", () => {
  test("nearly always gives a forgery, and of the face's size", () => {
    expect(blends.length).toBeGreaterThan(190);
    for (const { forged, real } of blends) {
      expect(forged).toHaveLength(size * size * 3);
      expect(real).toHaveLength(size * size * 3);
    }
  });

  test("changes the target within the mask, and nothing outside", () => {
    for (const { seed, forged, real } of blends.slice(0, 60)) {
      // The mask is the first thing that is drawn. It then moves by up to 3% and grows by up to 5% of the side.
      const mask = drawFaceMask(face.mesh, size, seededRandom(seed))!;
      const isNear = widen(mask, Math.ceil((0.03 + 0.025) * size) + 1);
      const changed = Array.from({ length: size * size }, (_, i) => i).filter((i) =>
        differs(forged, real, i),
      );
      expect(changed.filter((i) => !isNear[i])).toEqual([]);
      expect(changed.length).toBeGreaterThan(0);
    }
  });

  test("gives the mask that it blended with: all of the change lies where it is above 0", () => {
    for (const { forged, real, mask } of blends.slice(0, 60)) {
      expect(mask).toHaveLength(size * size);
      const peak = mask.reduce((most, value) => Math.max(most, value), 0);
      expect(mask.reduce((least, value) => Math.min(least, value), 1)).toBeGreaterThanOrEqual(0);
      // As strong as it was drawn; moved, it may lose its peak at the edge of the picture.
      expect(peak).toBeGreaterThan(0.1);
      expect(peak).toBeLessThanOrEqual(1);
      const changed = Array.from({ length: size * size }, (_, i) => i).filter((i) =>
        differs(forged, real, i),
      );
      expect(changed.filter((i) => mask[i] === 0)).toEqual([]);
    }
  });

  test("blends into one of the two copies: the face itself, or the altered one", () => {
    for (const { forged, real } of blends) {
      const outside = Array.from({ length: size * size }, (_, i) => i).filter(
        (i) => !differs(forged, real, i),
      );
      const untouched = outside.filter((i) => !differs(real, face.data, i)).length / outside.length;
      // Where the target is not the face itself, it is altered all over.
      if (isSame(real, face.data)) expect(untouched).toBe(1);
      else expect(untouched).toBeLessThan(0.7);
    }
  });

  test("alters the real as often as the forged: neither says which it is", () => {
    const share = blends.filter(({ real }) => isSame(real, face.data)).length / blends.length;
    expect(share).toBeGreaterThan(0.4);
    expect(share).toBeLessThan(0.6);
  });

  test("is the same for a seed and another for another", () => {
    for (const { seed, forged, real } of blends.slice(0, 10)) {
      const again = selfBlend(face, seededRandom(seed))!;
      expect(isSame(again.forged, forged)).toBe(true);
      expect(isSame(again.real, real)).toBe(true);
    }
    expect(new Set(blends.map(({ forged }) => Buffer.from(forged).toString("base64"))).size).toBe(
      blends.length,
    );
  });

  test("leaves face and mesh as they were", async () => {
    const copy = { data: face.data.slice(), mesh: face.mesh.slice() };
    for (let seed = 1000; seed < 1010; seed++) selfBlend(face, seededRandom(seed));
    expect(isSame(face.data, copy.data)).toBe(true);
    expect(face.mesh).toEqual(copy.mesh);
  });

  test("gives null where the mesh has no area", () => {
    expect(selfBlend({ ...face, mesh: new Float32Array(936) }, seededRandom(1))).toBeNull();
  });
});
