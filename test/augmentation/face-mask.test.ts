import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { convexHull, drawFaceMask } from "../../src/augmentation/face-mask.ts";
import type { FaceCrop } from "../../src/augmentation/index.ts";
import { seededRandom } from "../../src/engine/index.ts";
import { cutPortrait } from "./portrait-crop.ts";

type Point = readonly [number, number];

/** Above 0 where c lies to the left of the way from a to b. */
const turn = (a: Point, b: Point, c: Point) => (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);

describe("convexHull", () => {
  const coordinate = fc.integer({ min: -50, max: 50 });
  const points = fc.array(fc.tuple(coordinate, coordinate), { minLength: 3, maxLength: 40 });

  test("of a square with points within is the square", () => {
    const square: Point[] = [
      [0, 0],
      [4, 0],
      [4, 4],
      [0, 4],
    ];
    const hull = convexHull([[2, 2], ...square, [1, 3], [2, 0], [4, 1]]);
    expect(hull).toHaveLength(4);
    expect(hull).toEqual(expect.arrayContaining(square));
  });

  test("is made of its points, and holds all of them", () => {
    fc.assert(
      fc.property(points, (list) => {
        const hull = convexHull(list);
        for (const corner of hull) expect(list).toContainEqual(corner);
        hull.forEach((a, i) => {
          const b = hull[(i + 1) % hull.length]!;
          expect(list.every((p) => turn(a, b, p) >= 0)).toBe(true);
        });
      }),
    );
  });

  test("turns one way at every corner, with no corner twice", () => {
    fc.assert(
      fc.property(points, (list) => {
        const hull = convexHull(list);
        fc.pre(hull.length >= 3);
        const corners = new Set(hull.map(String));
        expect(corners.size).toBe(hull.length);
        hull.forEach((a, i) => {
          const [b, c] = [hull[(i + 1) % hull.length]!, hull[(i + 2) % hull.length]!];
          expect(turn(a, b, c)).toBeGreaterThan(0);
        });
      }),
    );
  });

  test("does not depend on the order of the points, and leaves them in theirs", () => {
    fc.assert(
      fc.property(points, (list) => {
        const copy = structuredClone(list);
        expect(convexHull([...list].reverse())).toEqual(convexHull(list));
        expect(list).toEqual(copy);
      }),
    );
  });
});

describe("drawFaceMask", () => {
  const size = 96;
  const seeds = Array.from({ length: 60 }, (_, i) => i);
  let face: FaceCrop;
  let masks: Float32Array[];

  beforeAll(async () => {
    face = await cutPortrait(size);
    masks = seeds.flatMap((seed) => drawFaceMask(face.mesh, size, seededRandom(seed)) ?? []);
  });

  test("rarely comes out empty", () => {
    expect(masks.length).toBeGreaterThan(50);
  });

  test("is in [0, 1] and reaches 1", () => {
    for (const mask of masks) {
      expect(mask).toHaveLength(size * size);
      expect(mask.every((value) => value >= 0 && value <= 1)).toBe(true);
      expect(mask.some((value) => value === 1)).toBe(true);
    }
  });

  test("covers a part of the face and never the corners of the crop", () => {
    for (const mask of masks) {
      const share = mask.reduce((sum, value) => sum + value, 0) / mask.length;
      expect(share).toBeGreaterThan(0.005);
      expect(share).toBeLessThan(0.6);
      expect([0, size - 1, size * (size - 1), size * size - 1].map((i) => mask[i])).toEqual([0, 0, 0, 0]);
    }
  });

  test("is the same for a seed and differs between seeds", () => {
    expect(drawFaceMask(face.mesh, size, seededRandom(3))).toEqual(
      drawFaceMask(face.mesh, size, seededRandom(3)),
    );
    expect(new Set(masks.map((mask) => mask.join())).size).toBe(masks.length);
  });

  test("is null where the mesh has no area", () => {
    expect(drawFaceMask(new Float32Array(936).fill(5), size, seededRandom(1))).toBeNull();
  });
});
