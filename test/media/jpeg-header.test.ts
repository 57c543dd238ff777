import sharp, { type JpegOptions } from "sharp";
import { describe, expect, test } from "vitest";
import { readJpegHeader } from "../../src/media/jpeg-header.ts";

const grey = sharp({ create: { width: 64, height: 48, channels: 3, background: "#456" } });
const header = async (options: JpegOptions) =>
  readJpegHeader(
    await grey
      .clone()
      .jpeg({ mozjpeg: false, ...options })
      .toBuffer(),
  );

describe("readJpegHeader", () => {
  test.each([5, 25, 50, 75, 90, 95, 100])(
    "finds the quality %i that a file was written with",
    async (quality) => {
      expect((await header({ quality }))!.quality).toBe(quality);
    },
  );

  test("tells sampling, progression and tables", async () => {
    const plain = (await header({ quality: 80, chromaSubsampling: "4:2:0" }))!;
    const full = (await header({ quality: 80, chromaSubsampling: "4:4:4", progressive: true }))!;
    expect([plain.sampling, full.sampling]).toEqual(["2x2,1x1,1x1", "1x1,1x1,1x1"]);
    expect([plain.isProgressive, full.isProgressive]).toEqual([false, true]);
    expect(plain.tables).toBe(full.tables);
    expect((await header({ quality: 81 }))!.tables).not.toBe(plain.tables);
    expect([plain.hasExif, plain.hasProfile]).toEqual([false, false]);
  });

  test("sees EXIF and a colour profile", async () => {
    const tagged = await grey
      .clone()
      .withExif({ IFD0: { Make: "A" } })
      .withIccProfile("p3")
      .jpeg()
      .toBuffer();
    expect(readJpegHeader(tagged)).toMatchObject({ hasExif: true, hasProfile: true });
  });

  test("takes what is cut short as far as it goes, and nothing else than JPEG", async () => {
    const bytes = await grey.clone().jpeg({ quality: 70 }).toBuffer();
    for (let length = 0; length < 700; length++) {
      const found = readJpegHeader(bytes.subarray(0, length));
      if (found?.quality !== null && found !== null) expect(found.quality).toBe(70);
    }
    expect(readJpegHeader(await grey.clone().png().toBuffer())).toBeNull();
    expect(readJpegHeader(new Uint8Array())).toBeNull();
  });
});
