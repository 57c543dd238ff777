import { expect, test } from "vitest";
import { pasteFace } from "../../../src/training/manipulation/paste-face.ts";

/** A grey picture, and a mesh that fills a circle in its middle. */
const picture = { width: 60, height: 50, data: new Uint8Array(60 * 50 * 3).fill(100) };
const mesh = Float32Array.from({ length: 936 }, (_, i) => {
  const angle = (Math.floor(i / 2) / 468) * 2 * Math.PI;
  return i % 2 === 0 ? 30 + 10 * Math.cos(angle) : 25 + 10 * Math.sin(angle);
});
const square = { centreX: 30, centreY: 25, side: 32 };
const at = (data: Uint8Array, x: number, y: number) => [...data.subarray((y * 60 + x) * 3).slice(0, 3)];

test("a forged face replaces what is within the mesh and nothing outside of it", () => {
  const face = new Uint8Array(16 * 16 * 3).fill(200);
  const { data, width, height } = pasteFace(picture, face, { side: 16, square, mesh, keepsColours: true });
  expect([width, height]).toEqual([60, 50]);
  expect(at(data, 30, 25)).toEqual([200, 200, 200]);
  for (const [x, y] of [
    [30, 12],
    [17, 25],
    [43, 25],
    [30, 38],
    [0, 0],
  ] as const) {
    expect(at(data, x, y), `${x}, ${y}`).toEqual([100, 100, 100]);
  }
  const seam = at(data, 21, 25)[0]!;
  expect(seam).toBeGreaterThan(100);
  expect(seam).toBeLessThan(200);
});

test("a face of other colours takes those of the face that was there", () => {
  const face = Uint8Array.from({ length: 16 * 16 * 3 }, (_, i) => (i % 3 === 0 ? 220 : 30));
  const { data } = pasteFace(picture, face, { side: 16, square, mesh, keepsColours: false });
  expect(at(data, 30, 25)).toEqual([100, 100, 100]);
});

test("a square that reaches past the picture is blended as far as the picture goes", () => {
  const moved = mesh.map((value, i) => (i % 2 === 0 ? value - 28 : value - 23));
  const face = new Uint8Array(16 * 16 * 3).fill(200);
  const corner = { centreX: 2, centreY: 2, side: 32 };
  const { data } = pasteFace(picture, face, { side: 16, square: corner, mesh: moved, keepsColours: true });
  expect(at(data, 1, 1)).toEqual([200, 200, 200]);
  expect(at(data, 30, 25)).toEqual([100, 100, 100]);
});
