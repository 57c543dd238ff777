import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import sharp, { type Sharp } from "sharp";
import { describe, expect, it } from "vitest";
import { decodeImage, probe } from "../../src/media/index.ts";
import { distance, errorOf, fixture, pixel, temporaryFolder } from "./support/clips.ts";

const folder = temporaryFolder();

/** 64 x 32 of one colour. */
const plain = (background: string) => sharp({ create: { width: 64, height: 32, channels: 3, background } });

describe("decodeImage gives 8-bit sRGB", () => {
  const orange = [200, 100, 50];
  const formats: readonly [string, Sharp, readonly number[], number][] = [
    ["PNG", plain("#c86432").png(), orange, 0],
    ["palette PNG", plain("#c86432").png({ palette: true }), orange, 0],
    ["16-bit PNG", plain("#c86432").toColourspace("rgb16").png(), orange, 0],
    ["greyscale PNG", plain("#808080").toColourspace("b-w").png(), [128, 128, 128], 0],
    ["16-bit greyscale PNG", plain("#808080").toColourspace("grey16").png(), [128, 128, 128], 0],
    ["lossless WebP", plain("#c86432").webp({ lossless: true }), orange, 0],
    ["lossless AVIF", plain("#c86432").avif({ lossless: true }), orange, 0],
    ["TIFF", plain("#c86432").tiff({ compression: "lzw" }), orange, 0],
    ["GIF", plain("#c86432").gif(), orange, 0],
    ["JPEG", plain("#c86432").jpeg({ quality: 100 }), orange, 2],
    [
      "progressive greyscale JPEG",
      plain("#808080").toColourspace("b-w").jpeg({ progressive: true }),
      [128, 128, 128],
      1,
    ],
    // Four inks do not reach every colour.
    ["CMYK JPEG", plain("#c86432").toColourspace("cmyk").jpeg({ quality: 100 }), orange, 30],
  ];

  it.each(formats)("from %s", async (_format, image, colour, tolerance) => {
    const frame = await decodeImage(await image.toBuffer());
    expect(frame).toMatchObject({ index: 0, timeSec: 0, width: 64, height: 32, warnings: [] });
    expect(frame.data).toHaveLength(64 * 32 * 3);
    expect(distance(pixel(frame, 40, 20), colour)).toBeLessThanOrEqual(tolerance);
  });

  it("from a file as from its bytes", async () => {
    const [fromPath, fromBytes] = [
      await decodeImage(fixture("still.jpg")),
      await decodeImage(readFileSync(fixture("still.jpg"))),
    ];
    expect(fromPath.data).toEqual(fromBytes.data);
  });
});

describe("decodeImage", () => {
  it("lays transparent pixels on mid grey", async () => {
    const half = sharp({
      create: { width: 8, height: 8, channels: 4, background: { r: 255, g: 0, b: 0, alpha: 0 } },
    });
    expect(pixel(await decodeImage(await half.png().toBuffer()), 3, 3)).toEqual([128, 128, 128]);
    expect(pixel(await decodeImage(fixture("alpha.png")), 0, 0)).toEqual([128, 128, 128]);
  });

  it.each([
    [1, "red at the top left"],
    [2, "mirrored"],
    [3, "upside down"],
    [4, "upside down and mirrored"],
    [5, "lying and mirrored"],
    [6, "lying on its left side"],
    [7, "lying and mirrored the other way"],
    [8, "lying on its right side"],
  ])("sets EXIF orientation %i upright (%s)", async (orientation) => {
    // Upright: 2 wide, 1 high in blocks of 16; red left, blue right. Stored so that the orientation undoes it.
    const upright = await plain("#0000ff")
      .composite([
        { input: { create: { width: 32, height: 32, channels: 3, background: "#ff0000" } }, left: 0, top: 0 },
      ])
      .png()
      .toBuffer();
    const turn = [0, 0, 0, 180, 180, 90, 270, 270, 90][orientation];
    const isMirrored = [2, 4, 5, 7].includes(orientation);
    const turned = await sharp(upright).rotate(turn).png().toBuffer();
    const stored = sharp(turned).flop(isMirrored);
    const path = join(folder, `orientation-${orientation}.jpg`);
    await stored
      .jpeg({ quality: 100, chromaSubsampling: "4:4:4" })
      .withMetadata({ orientation })
      .toFile(path);
    const frame = await decodeImage(path);
    expect([frame.width, frame.height]).toEqual([64, 32]);
    expect(distance(pixel(frame, 8, 16), [255, 0, 0])).toBeLessThanOrEqual(3);
    expect(distance(pixel(frame, 56, 16), [0, 0, 255])).toBeLessThanOrEqual(3);
    expect(await probe(path)).toMatchObject({ width: 64, height: 32 });
  });

  it("scales to maxSidePx at most, 1920 where the caller does not say, and never up", async () => {
    const large = await sharp({ create: { width: 4000, height: 1000, channels: 3, background: "red" } })
      .png()
      .toBuffer();
    expect(await decodeImage(large)).toMatchObject({ width: 1920, height: 480 });
    expect(await decodeImage(large, { maxSidePx: 100 })).toMatchObject({ width: 100, height: 25 });
    expect(await decodeImage(fixture("still.jpg"), { maxSidePx: 5000 })).toMatchObject({
      width: 300,
      height: 300,
    });
  });

  it("decodes a file that is cut short as far as it goes, with a warning", async () => {
    const path = join(folder, "cut.jpg");
    const bytes = readFileSync(fixture("still.jpg"));
    writeFileSync(path, bytes.subarray(0, bytes.length / 2));
    const frame = await decodeImage(path);
    const whole = await decodeImage(fixture("still.jpg"));
    expect(frame.warnings).toEqual([`${path} is cut short or damaged: the missing part is grey.`]);
    expect(pixel(frame, 20, 20)).toEqual(pixel(whole, 20, 20));
  });

  it("reads the first picture of several, and probe tells how many there are", async () => {
    const path = join(folder, "pages.webp");
    const pages = await sharp({ create: { width: 16, height: 32, channels: 3, background: "red" } })
      .png()
      .toBuffer();
    await sharp(pages).webp({ loop: 0 }).toFile(path);
    const animated = join(folder, "animated.webp");
    await sharp(readFileSync(fixture("animated.gif")), { animated: true })
      .webp()
      .toFile(animated);
    expect((await probe(path)).warnings).toEqual([]);
    expect(await probe(animated)).toMatchObject({ kind: "image", animation: { pages: 5 }, warnings: [] });
    expect(await decodeImage(animated)).toMatchObject({ width: 160, height: 120 });
  });
});

describe("decodeImage refuses", () => {
  it("what is no image", async () => {
    expect(await errorOf(decodeImage(fixture("authentic.mp4")))).toMatchObject({
      code: "NOT_MEDIA",
      message:
        "Expected a JPEG, PNG, WebP, AVIF, GIF or TIFF image but fixtures/media/authentic.mp4 is none.",
    });
    expect(await errorOf(decodeImage(Buffer.from("text")))).toMatchObject({
      code: "NOT_MEDIA",
      message: "Expected a JPEG, PNG, WebP, AVIF, GIF or TIFF image but the image is none.",
    });
  });

  it("a header without a picture", async () => {
    const path = join(folder, "header.png");
    writeFileSync(path, readFileSync(fixture("alpha.png")).subarray(0, 40));
    expect(await errorOf(decodeImage(path))).toMatchObject({
      code: "DECODE_FAILED",
      message: `Expected a readable image but ${path}, by its first bytes PNG, cannot be decoded: copy or download it again.`,
    });
  });

  it("a decompression bomb, by its header alone", async () => {
    const path = join(folder, "bomb.png");
    writeFileSync(path, pngOfSize(30_000, 30_000));
    const expected = {
      code: "MEDIA_TOO_LARGE",
      message: `Expected a picture of at most 200 megapixels but ${path} has 30000 x 30000: save it smaller.`,
    };
    expect(await errorOf(decodeImage(path))).toMatchObject(expected);
    expect(await errorOf(probe(path))).toMatchObject(expected);
  });

  it("HEIC, where sharp was built without it", async () => {
    const path = join(folder, "photo.heic");
    const brand = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from("ftypheic\0\0\0\0mif1heic")]);
    writeFileSync(path, Buffer.concat([brand, Buffer.alloc(64)]));
    expect(await errorOf(decodeImage(path))).toMatchObject({
      code: "UNSUPPORTED_CONTAINER",
      message: `Expected an image that sharp can read but ${path} is HEIC: save it as JPEG, PNG, WebP or AVIF.`,
    });
  });
});

/** The alpha fixture with another size in its header. */
function pngOfSize(width: number, height: number): Buffer {
  const bytes = Buffer.from(readFileSync(fixture("alpha.png")));
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  bytes.writeUInt32BE(crc32(bytes.subarray(12, 29)), 29);
  return bytes;
}
