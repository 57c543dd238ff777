import sharp from "sharp";
import { beforeAll, describe, expect, test } from "vitest";
import { tf, useBackend } from "../../src/engine/index.ts";
import {
  type BoxPx,
  type DetectedFace,
  FaceFinder,
  MESH_POINTS,
  type Picture,
} from "../../src/faces/index.ts";
import { portraitFace, portraitPath, readPicture, readPortrait } from "./portrait.ts";

let finder: FaceFinder;

beforeAll(async () => {
  await useBackend("wasm");
  finder = await FaceFinder.load();
});

/** Intersection over union. */
function overlap(a: BoxPx, b: BoxPx): number {
  const w = Math.min(a[0] + a[2], b[0] + b[2]) - Math.max(a[0], b[0]);
  const h = Math.min(a[1] + a[3], b[1] + b[3]) - Math.max(a[1], b[1]);
  return w <= 0 || h <= 0 ? 0 : (w * h) / (a[2] * a[3] + b[2] * b[3] - w * h);
}

/** One face, and it is where the box is. */
function expectOneFace(faces: readonly DetectedFace[], box: BoxPx, minOverlap = 0.85): void {
  expect(faces).toHaveLength(1);
  expect(overlap(faces[0]!.box, box)).toBeGreaterThan(minOverlap);
}

/** Mesh point in pixels. */
const point = ({ mesh }: DetectedFace, index: number): [number, number] => [
  mesh[2 * index]!,
  mesh[2 * index + 1]!,
];

describe("FaceFinder", () => {
  test("finds the portrait's face where it is", async () => {
    const faces = finder.find(await readPortrait());
    expectOneFace(faces, portraitFace, 0.9);
    expect(faces[0]!.confidence).toBeGreaterThan(0.8);
    expect(faces[0]!.confidence).toBeLessThanOrEqual(1);
  });

  test("its mesh sits on eyes, nose, mouth and chin, and fills the box", async () => {
    const [face] = finder.find(await readPortrait());
    expect(face!.mesh).toHaveLength(2 * MESH_POINTS);
    // Outer corners of the eyes, tip of the nose, upper lip, chin; measured by eye.
    const places = [
      [33, 194, 101],
      [263, 257, 104],
      [1, 224, 131],
      [13, 224, 142],
      [152, 222, 175],
    ] as const;
    for (const [index, x, y] of places) {
      const [px, py] = point(face!, index);
      expect(Math.hypot(px - x, py - y)).toBeLessThan(4);
    }
    const xs = face!.mesh.filter((_, i) => i % 2 === 0);
    expect(Math.min(...xs)).toBeCloseTo(face!.box[0], 3);
    expect(Math.max(...xs)).toBeCloseTo(face!.box[0] + face!.box[2], 3);
  });

  test("finds the face in a mirror image", async () => {
    const [x, y, width, height] = portraitFace;
    expectOneFace(finder.find(await readPortrait((image) => image.flop())), [
      512 - x - width,
      y,
      width,
      height,
    ]);
  });

  test("finds the face at a quarter of the size", async () => {
    const quarter = portraitFace.map((value) => value / 4) as unknown as BoxPx;
    expectOneFace(finder.find(await readPortrait((image) => image.resize(128))), quarter);
  });

  test("finds the face in a corner of a 1920 x 1080 frame", async () => {
    const frame = await readPortrait((image) =>
      image.extend({ left: 1000, right: 408, top: 300, bottom: 268, background: "#336699" }),
    );
    expect([frame.width, frame.height]).toEqual([1920, 1080]);
    const [x, y, width, height] = portraitFace;
    expectOneFace(finder.find(frame), [x + 1000, y + 300, width, height], 0.8);
  });

  test("finds the face in a tall frame", async () => {
    const frame = await readPortrait((image) =>
      image.extend({ top: 600, bottom: 300, background: "#336699" }),
    );
    const [x, y, width, height] = portraitFace;
    expectOneFace(finder.find(frame), [x, y + 600, width, height], 0.8);
  });

  test.each([20, -20])("finds the face turned by %d degrees, and the mesh turns along", async (degrees) => {
    const turned = await readPortrait((image) => image.rotate(degrees, { background: "#808080" }));
    const faces = finder.find(turned);
    expect(faces).toHaveLength(1);
    const [right, left] = [point(faces[0]!, 33), point(faces[0]!, 263)];
    const angle = (Math.atan2(left[1] - right[1], left[0] - right[0]) * 180) / Math.PI;
    // The eyes of the upright portrait fall by 3 degrees.
    expect(Math.abs(angle - 3 - degrees)).toBeLessThan(4);
  });

  test("finds a face that fills the picture", async () => {
    const tight = await readPortrait((image) =>
      image.extract({ left: 168, top: 61, width: 114, height: 124 }),
    );
    expectOneFace(finder.find(tight), [10, 10, 94, 104]);
  });

  test("finds both faces side by side", async () => {
    const mirrored = await sharp(portraitPath).flop().png().toBuffer();
    const pair = sharp({ create: { width: 1024, height: 512, channels: 3, background: "#000" } }).composite([
      { input: portraitPath, left: 0, top: 0 },
      { input: mirrored, left: 512, top: 0 },
    ]);
    const faces = finder.find(await readPicture(sharp(await pair.png().toBuffer())));
    const [left, right] = faces.toSorted((a, b) => a.box[0] - b.box[0]);
    expect(faces).toHaveLength(2);
    expect(overlap(left!.box, portraitFace)).toBeGreaterThan(0.85);
    const [x, y, width, height] = portraitFace;
    expect(overlap(right!.box, [1024 - x - width, y, width, height])).toBeGreaterThan(0.85);
    expect(faces[0]!.confidence).toBeGreaterThanOrEqual(faces[1]!.confidence);
  });

  test.each([
    ["noise", (i: number) => (Math.imul(i + 1, 2654435761) >>> 13) & 255],
    ["a gradient", (i: number) => Math.floor((Math.floor(i / 3) % 400) / 2)],
    ["black", () => 0],
  ])("finds none in %s", (_, value) => {
    const data = Uint8Array.from({ length: 400 * 300 * 3 }, (_, i) => value(i));
    expect(finder.find({ width: 400, height: 300, data })).toEqual([]);
  });

  test("finds none in a picture of one pixel, or of none", () => {
    const blank = (width: number, height: number): Picture => ({
      width,
      height,
      data: new Uint8Array(width * height * 3),
    });
    expect(finder.find(blank(1, 1))).toEqual([]);
    expect(finder.find(blank(3, 1))).toEqual([]);
  });

  test("leaves no tensors behind and the picture as it was", async () => {
    const picture = await readPortrait();
    const copy = picture.data.slice();
    finder.find(picture);
    const before = tf.memory().numTensors;
    finder.find(picture);
    finder.find({ width: 300, height: 100, data: new Uint8Array(90_000) });
    expect(tf.memory().numTensors).toBe(before);
    expect(picture.data).toEqual(copy);
  });
});

describe("FaceFinder.findAll", () => {
  test.each([35, 29])(
    "finds a face of about %i pixels in a large picture, so that it can be named",
    async (px) => {
      // The face takes a fifth of the portrait's width.
      const side = Math.round((px * 512) / 94);
      const portrait = await sharp(portraitPath).resize(side, side).png().toBuffer();
      const grey = sharp({ create: { width: 1280, height: 720, channels: 3, background: "#456" } });
      const picture = await readPicture(grey.composite([{ input: portrait, left: 600, top: 300 }]));
      const { faces } = finder.findAll(picture);
      expect(faces).toHaveLength(1);
      expect(faces[0]!.box[2]).toBeLessThan(48);
    },
  );

  test.each([
    [1920, 1],
    [1920, 2],
    [1, 1920],
    [1920, 60],
    [16_384, 40],
  ])("takes little memory for a strip of %i x %i", (width, height) => {
    const before = process.memoryUsage().rss;
    const data = new Uint8Array(width * height * 3).fill(90);
    expect(finder.findAll({ width, height, data })).toEqual({ faces: [], leftOut: 0 });
    expect(process.memoryUsage().rss - before).toBeLessThan(600e6);
  });

  test("that is not thorough finds small faces of a long picture where there is no large one", async () => {
    // 94 px of the portrait's face are 300 px here, and 56 px.
    const large = await sharp(portraitPath).resize(1634).toBuffer();
    const small = await sharp(portraitPath).resize(305).toBuffer();
    const grey = { create: { width: 1920, height: 1080, channels: 3, background: "#456" } } as const;
    const left = {
      input: await sharp(large).extract({ left: 400, top: 0, width: 800, height: 1080 }).toBuffer(),
    };
    const right = { input: small, left: 1500, top: 300 };
    const both = await readPicture(sharp(grey).composite([{ ...left, left: 0, top: 0 }, right]));
    const alone = await readPicture(sharp(grey).composite([right]));
    const widths = (picture: Picture, isThorough: boolean) =>
      finder.findAll(picture, { isThorough }).faces.map(({ box }) => Math.round(box[2] / 100));
    expect(widths(both, true).toSorted()).toEqual([1, 3]);
    expect(widths(both, false)).toEqual([3]);
    expect(widths(alone, false)).toEqual([1]);
  });

  test("finds all faces of a crowd, in one network call after the other", async () => {
    const face = await sharp(portraitPath)
      .extract({ left: 100, top: 20, width: 240, height: 240 })
      .png()
      .toBuffer();
    const small = await sharp(face).resize(180, 180).png().toBuffer();
    const places = Array.from({ length: 36 }, (_, i) => ({
      left: (i % 6) * 190,
      top: Math.floor(i / 6) * 190,
    }));
    const wall = sharp({ create: { width: 1140, height: 1140, channels: 3, background: "#456" } });
    const picture = await readPicture(wall.composite(places.map((place) => ({ input: small, ...place }))));
    const { faces, leftOut } = finder.findAll(picture);
    expect(faces.length).toBeGreaterThan(32);
    expect(leftOut).toBe(0);
  });
});
