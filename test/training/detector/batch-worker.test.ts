import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FaceDatasetWriter } from "../../../src/data/face-dataset.ts";
import { WorkerPool } from "../../../src/engine/index.ts";
import { CLASSES } from "../../../src/networks/index.ts";
import type { PairSpec } from "../../../src/training/detector/batch-sampler.ts";
import type { BatchJob } from "../../../src/training/detector/batch-worker.ts";
import { CELL_PX, type FaceBatch } from "../../../src/training/detector/face-batch.ts";
import { cutPortrait } from "../../augmentation/portrait-crop.ts";
import { storedFace } from "../stored-faces.ts";

const sizePx = 96;
const cells = sizePx / CELL_PX;
const pixels = sizePx * sizePx * 3;
/** Positions in the store. */
const [portrait, copy, other, small] = [0, 1, 2, 3];
const temporary = mkdtempSync(join(tmpdir(), "telltale-batch-worker-"));
let pool: WorkerPool<BatchJob, FaceBatch, null>;

beforeAll(async () => {
  const folder = join(temporary, "store");
  const writer = await FaceDatasetWriter.create(folder);
  const add = async (sidePx: number, isOther = false) => {
    const { data, mesh } = await cutPortrait(sidePx);
    const box = { centreX: sidePx / 2, centreY: sidePx / 2, longerSidePx: sidePx / 1.3 };
    // Other colours, and light from the left.
    const light = (p: number) => 0.5 + ((p / 3) % sidePx) / sidePx;
    const lit = data.map((_, p) => Math.min(255, data[p - (p % 3) + ((p + 1) % 3)]! * light(p)));
    await writer.add(storedFace({}), { data: isOther ? lit : data, mesh, box, sidePx });
  };
  await add(192);
  await add(192);
  await add(192, true);
  await add(64);
  await writer.finish();
  ({ pool } = await WorkerPool.start<BatchJob, FaceBatch, null>({
    module: new URL("../../../src/training/detector/batch-worker.ts", import.meta.url),
    workerData: { storeFolders: [folder] },
    size: 1,
  }));
});
afterAll(async () => {
  await pool.close();
  rmSync(temporary, { recursive: true });
});

interface Face {
  readonly pixels: Uint8Array;
  readonly map: Float32Array;
  readonly isMapKnown: boolean;
  readonly of: number;
}

/** Real and fake of each pair, drawn 40 times. */
async function make(pair: PairSpec, count = 40): Promise<{ real: Face; fake: Face }[]> {
  const pairs = Array.from({ length: count }, () => pair);
  const batch = await pool.run({ seed: 1, step: 0, pairs, crop: { sizePx, margin: 1.3 } });
  const face = (i: number): Face => ({
    pixels: batch.faces.subarray(i * pixels, (i + 1) * pixels),
    map: batch.maps.subarray(i * cells * cells, (i + 1) * cells * cells),
    isMapKnown: batch.mapWeights[i] === 1,
    of: batch.classes[i]!,
  });
  return pairs.map((_, i) => ({ real: face(2 * i), fake: face(2 * i + 1) }));
}

/** Mean difference of the values of each cell of two pictures. */
function differences(a: Uint8Array, b: Uint8Array): Float32Array {
  const sums = new Float32Array(cells * cells);
  for (let p = 0; p < pixels; p++) {
    const [x, y] = [Math.floor(p / 3) % sizePx, Math.floor(p / 3 / sizePx)];
    sums[Math.floor(y / CELL_PX) * cells + Math.floor(x / CELL_PX)]! += Math.abs(a[p]! - b[p]!);
  }
  return sums.map((sum) => sum / (CELL_PX * CELL_PX * 3));
}

const isSame = ({ real, fake }: { real: Face; fake: Face }) => Buffer.compare(real.pixels, fake.pixels) === 0;

/** Whether a rectangle of one colour, at least a tenth of the side, covers the face: 15% of all faces lose one after everything else. */
function hasPatch({ pixels }: Face): boolean {
  const least = Math.floor(0.1 * sizePx);
  const at = (x: number, y: number) => {
    const p = (y * sizePx + x) * 3;
    return (pixels[p]! << 16) | (pixels[p + 1]! << 8) | pixels[p + 2]!;
  };
  for (let y = 0; y + least <= sizePx; y++) {
    for (let x = 0; x + least <= sizePx; x++) {
      const colour = at(x, y);
      let isFlat = true;
      for (let k = 0; isFlat && k < least * least; k++)
        isFlat = at(x + (k % least), y + Math.floor(k / least)) === colour;
      if (isFlat) return true;
    }
  }
  return false;
}

describe("the pairs of a batch", () => {
  test("have the same degradations for both faces: two equal faces stay equal", async () => {
    const pairs = await make({ kind: "synthetic", real: portrait, fake: copy });
    const unpatched = pairs.filter(({ real, fake }) => !hasPatch(real) && !hasPatch(fake));
    expect(unpatched.length).toBeGreaterThan(15);
    for (const pair of unpatched) expect(isSame(pair)).toBe(true);
    // Half of the pairs are degraded, and all are framed in their own way.
    expect(new Set(unpatched.map(({ real }) => Buffer.from(real.pixels).toString("base64"))).size).toBe(
      unpatched.length,
    );
  });

  test("have the resolution of the smaller face, whichever of the two it is", async () => {
    const sharpness = ({ pixels: of }: Face) => {
      let sum = 0;
      for (let p = 6; p < pixels; p += 3) sum += Math.abs(of[p]! - 2 * of[p - 3]! + of[p - 6]!);
      return sum / (pixels / 3);
    };
    const ratios = async (real: number, fake: number) =>
      (await make({ kind: "manipulated", real, fake }))
        .filter((pair) => !hasPatch(pair.real) && !hasPatch(pair.fake))
        .map((pair) => sharpness(pair.real) / sharpness(pair.fake))
        .sort((a, b) => a - b);
    const median = (list: number[]) => list[list.length >> 1]!;
    expect(median(await ratios(portrait, small))).toBeGreaterThan(0.8);
    expect(median(await ratios(portrait, small))).toBeLessThan(1.25);
    expect(median(await ratios(small, portrait))).toBeGreaterThan(0.8);
    expect(median(await ratios(small, portrait))).toBeLessThan(1.25);
  });

  test.each([
    ["manipulated", { kind: "manipulated", real: portrait, fake: other }, CLASSES.manipulated],
    ["synthetic", { kind: "synthetic", real: portrait, fake: other }, CLASSES.synthetic],
    ["self-blend", { kind: "self-blend", real: portrait }, CLASSES.manipulated],
    ["swap", { kind: "swap", real: portrait, other: other }, CLASSES.manipulated],
  ] as const)(
    "of kind %s have a real whose map is 0 and known, and the class of their fake",
    async (_, pair, of) => {
      for (const { real, fake } of await make(pair, 4)) {
        expect([real.of, fake.of]).toEqual([CLASSES.real, of]);
        expect(real.isMapKnown).toBe(true);
        expect(Math.max(...real.map)).toBe(0);
      }
    },
  );

  test("have a map of 1 everywhere for a synthetic face, and none for a known manipulated one", async () => {
    for (const { fake } of await make({ kind: "synthetic", real: portrait, fake: other }, 4)) {
      expect(fake.isMapKnown).toBe(true);
      expect(Math.min(...fake.map)).toBe(1);
    }
    for (const { fake } of await make({ kind: "manipulated", real: portrait, fake: other }, 4)) {
      expect(fake.isMapKnown).toBe(false);
    }
  });

  test.each([
    ["a self-blend", { kind: "self-blend", real: portrait }],
    ["a swap", { kind: "swap", real: portrait, other: other }],
  ] as const)("have a map that covers what %s changed", async (_, pair) => {
    const pairs = (await make(pair)).filter(({ real, fake }) => !hasPatch(real) && !hasPatch(fake));
    expect(pairs.length).toBeGreaterThan(15);
    const mirrored = (map: Float32Array) =>
      map.map((_, i) => map[i - (i % cells) + cells - 1 - (i % cells)]!);
    const product = (a: Float32Array, b: Float32Array) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);
    let fitting = 0;
    for (const { real, fake } of pairs) {
      expect(fake.isMapKnown).toBe(true);
      expect(Math.min(...fake.map)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...fake.map)).toBeLessThanOrEqual(1);
      expect(Math.max(...fake.map)).toBeGreaterThan(0.2);
      const change = differences(real.pixels, fake.pixels);
      if (product(change, fake.map) > product(change, mirrored(fake.map))) fitting++;
      const mean = (isIn: (value: number) => boolean) => {
        const chosen = [...change].filter((_, i) => isIn(fake.map[i]!));
        return chosen.length === 0 ? null : chosen.reduce((sum, value) => sum + value, 0) / chosen.length;
      };
      const [inside, outside] = [mean((value) => value > 0.2), mean((value) => value === 0)];
      expect(inside).toBeGreaterThan(0.2);
      // Degradation, e.g. a JPEG, spreads a little of the change.
      if (outside !== null) expect(outside).toBeLessThan(0.5 * inside!);
    }
    // A face is nearly as symmetric as its mask, so that the mirrored map fits some pairs better.
    expect(fitting / pairs.length).toBeGreaterThan(0.75);
  });
});
