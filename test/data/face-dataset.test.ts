import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { FaceDataset, FaceDatasetWriter, type FacePixels } from "../../src/data/face-dataset.ts";
import { seededRandom } from "../../src/engine/index.ts";
import { cropAugmented, cropCentered, drawCropTransform } from "../../src/training/face-crops.ts";
import { storedFace } from "../training/stored-faces.ts";

const temporary = mkdtempSync(join(tmpdir(), "telltale-store-"));
afterAll(() => rmSync(temporary, { recursive: true }));
const side = 256;
/** A face of 160 px, not quite in the middle of its stored crop. */
const box = { centreX: 130, centreY: 126.5, longerSidePx: 160 };

/** A grey stored face with one white disc, and every mesh point at the disc's centre. */
function faceWithDisc(x: number, y: number): FacePixels {
  const data = new Uint8Array(side * side * 3).fill(40);
  for (let row = 0; row < side; row++) {
    for (let column = 0; column < side; column++) {
      if (Math.hypot(column + 0.5 - x, row + 0.5 - y) < 6)
        data.fill(255, (row * side + column) * 3).fill(40, (row * side + column) * 3 + 3);
    }
  }
  return {
    data,
    sidePx: side,
    box,
    mesh: Float32Array.from({ length: 936 }, (_, i) => (i % 2 === 0 ? x : y)),
  };
}

/** Centre of what is bright. */
function centreOf(crop: Uint8Array, size: number): [number, number] {
  let [sum, x, y] = [0, 0, 0];
  for (let i = 0; i < size * size; i++) {
    const weight = crop[3 * i]! - 40;
    sum += weight;
    x += weight * ((i % size) + 0.5);
    y += weight * (Math.floor(i / size) + 0.5);
  }
  return [x / sum, y / sum];
}

describe("a crop store", () => {
  test("gives back what was written, by position", async () => {
    const folder = join(temporary, "store");
    const writer = await FaceDatasetWriter.create(folder);
    const faces = [storedFace({ group: "a" }), storedFace({ group: "b", label: "fake" })];
    const pixels = faces.map(
      (_, i): FacePixels => ({
        data: new Uint8Array((40 + i) ** 2 * 3).fill(i + 1),
        sidePx: 40 + i,
        box: { centreX: 20 + i, centreY: 21, longerSidePx: 19.5 },
        mesh: new Float32Array(936).fill(i + 0.5),
      }),
    );
    for (const [i, face] of faces.entries()) await writer.add(face, pixels[i]!);
    expect(await FaceDataset.open(folder)).toBeNull();
    await writer.finish();
    const store = (await FaceDataset.open(folder))!;
    expect(store.faces).toEqual(faces);
    for (const i of [1, 0]) {
      expect(await store.read(i)).toEqual(pixels[i]);
    }
    await store.close();
  });

  test("is none where there is no folder", async () => {
    expect(await FaceDataset.open(join(temporary, "nowhere"))).toBeNull();
  });
});

describe("cutting a crop out of a stored face", () => {
  const spec = { sizePx: 64, margin: 1.3 };

  test("plainly puts the face in the middle and scales by the margin", () => {
    const face = faceWithDisc(148, 108);
    const [x, y] = centreOf(cropCentered(face, spec), 64);
    const scale = 64 / (160 * 1.3);
    expect(x).toBeCloseTo(32 + 18 * scale, 1);
    expect(y).toBeCloseTo(32 - 18.5 * scale, 1);
  });

  test("with a framing that moves nothing is plain", () => {
    const face = faceWithDisc(148, 108);
    const still = { shiftX: 0, shiftY: 0, scale: 1, angleRad: 0, isMirrored: false };
    const { data, size, mesh } = cropAugmented(face, spec, still);
    expect(size).toBe(64);
    expect(Buffer.compare(data, cropCentered(face, spec))).toBe(0);
    const [x, y] = centreOf(data, 64);
    expect(Math.hypot(mesh[0]! - x, mesh[1]! - y)).toBeLessThan(0.1);
  });

  test("with any framing moves mesh and picture alike", () => {
    const face = faceWithDisc(148, 108);
    const copy = { data: face.data.slice(), mesh: face.mesh.slice() };
    const mirrored = new Set<boolean>();
    for (let seed = 0; seed < 30; seed++) {
      const framing = drawCropTransform(seededRandom(seed));
      mirrored.add(framing.isMirrored);
      const { data, mesh } = cropAugmented(face, spec, framing);
      const [x, y] = centreOf(data, 64);
      expect(Math.hypot(mesh[0]! - x, mesh[1]! - y)).toBeLessThan(0.15);
    }
    expect(mirrored.size).toBe(2);
    expect(Buffer.compare(face.data, copy.data)).toBe(0);
    expect(face.mesh).toEqual(copy.mesh);
  });

  test("never moves, scales or turns further than it says", () => {
    const framings = Array.from({ length: 500 }, (_, seed) => drawCropTransform(seededRandom(seed)));
    for (const { shiftX, shiftY, scale, angleRad } of framings) {
      expect(Math.max(Math.abs(shiftX), Math.abs(shiftY))).toBeLessThanOrEqual(0.05);
      expect(scale).toBeGreaterThanOrEqual(0.92);
      expect(scale).toBeLessThan(1.1);
      expect(Math.abs(angleRad)).toBeLessThanOrEqual(0.12);
    }
    const upright = framings.filter(({ angleRad }) => angleRad === 0).length / framings.length;
    expect(upright).toBeCloseTo(0.5, 1);
  });
});
