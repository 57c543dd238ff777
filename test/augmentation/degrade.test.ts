import { beforeAll, describe, expect, test } from "vitest";
import { degrade, isDegraded } from "../../src/augmentation/index.ts";
import { seededRandom } from "../../src/engine/index.ts";
import { cropFace } from "../../src/faces/index.ts";
import { portraitFace, readPortrait } from "../faces/portrait.ts";

const size = 64;
const seeds = Array.from({ length: 40 }, (_, i) => i);
let face: Uint8Array;
let copy: Uint8Array;
let degraded: Uint8Array[];

beforeAll(async () => {
  face = cropFace(await readPortrait(), portraitFace, { sizePx: size, margin: 1.3 });
  copy = face.slice();
  degraded = await Promise.all(seeds.map((seed) => degrade(face, size, seededRandom(seed))));
});

const isSame = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;

describe("degrade", () => {
  test("keeps the size, and leaves its input as it was", () => {
    for (const picture of degraded) expect(picture).toHaveLength(size * size * 3);
    expect(isSame(face, copy)).toBe(true);
  });

  test("is the same for a seed", async () => {
    for (const seed of seeds.slice(0, 12))
      expect(isSame(await degrade(face, size, seededRandom(seed)), degraded[seed]!)).toBe(true);
  });

  test("changes nearly every picture that is to be degraded, which is half of them", () => {
    const changed = degraded.filter((picture) => !isSame(picture, face)).length;
    expect(changed).toBeGreaterThan(32);
    const chosen = Array.from({ length: 1000 }, (_, seed) => isDegraded(seededRandom(seed)));
    const share = chosen.filter(Boolean).length / chosen.length;
    expect(share).toBeGreaterThan(0.45);
    expect(share).toBeLessThan(0.55);
  });

  test("is gentle: the picture stays recognisable", () => {
    for (const picture of degraded) {
      const luma = (data: Uint8Array) =>
        Float32Array.from(
          { length: size * size },
          (_, i) => data[3 * i]! + data[3 * i + 1]! + data[3 * i + 2]!,
        );
      expect(correlation(luma(picture), luma(face))).toBeGreaterThan(0.9);
    }
  });

  test.each([
    [0, "colour"],
    [1, "grey"],
    [2, "resolution"],
    [3, "blur"],
    [4, "noise"],
    [5, "JPEG"],
    [6, "WebP"],
  ])("by its change %i alone, of %s, changes a picture a little", async (nth, _name) => {
    const random = seededRandom(1);
    let asked = 0;
    const only = await degrade(face, size, {
      ...random,
      // The first question of each change is whether it is made; JPEG has a second one.
      chance: (p) => (asked++ === nth ? true : p > 0.6),
    });
    const moved = only.reduce((sum, value, i) => sum + Math.abs(value - face[i]!), 0) / face.length;
    expect(moved).toBeGreaterThan(0.05);
    expect(moved).toBeLessThan(40);
  });

  test("sometimes takes the colour away", () => {
    const isGrey = (picture: Uint8Array) =>
      picture.every((value, i) => Math.abs(value - picture[i - (i % 3)]!) <= 12);
    const grey = degraded.filter(isGrey).length;
    expect(grey).toBeGreaterThan(0);
    expect(grey).toBeLessThan(15);
  });
});

function correlation(a: Float32Array, b: Float32Array): number {
  const mean = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [ma, mb] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  a.forEach((value, i) => {
    ab += (value - ma) * (b[i]! - mb);
    aa += (value - ma) ** 2;
    bb += (b[i]! - mb) ** 2;
  });
  return ab / Math.sqrt(aa * bb);
}
