import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Detector, openDetector } from "../../src/index.ts";
import { fixture, makeClip, temporaryFolder } from "../media/support/clips.ts";

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
const [a, f, still] = [fixture("authentic.mp4"), fixture("forged.mp4"), fixture("still.jpg")];

let detector: Detector;
beforeAll(async () => {
  detector = await openDetector({ frames: 4, backend: "wasm", workers: 1 });
});
afterAll(() => detector.close());

/** How many frames of each part were looked at, and what the parts are. */
async function look(path: string) {
  const { frames, coverage, verdict, reason, tracks, warnings } = await detector.detect(path);
  const counts: Record<number, number> = {};
  for (const { part = 0 } of frames) counts[part] = (counts[part] ?? 0) + 1;
  return { counts, ...coverage, verdict, reason, tracks, warnings };
}

describe("all of a file is looked at:", () => {
  test.each(["mp4", "mkv", "ts"])("each video track of %s", async (kind) => {
    await makeClip("-i", a, "-i", f, "-map", "0:v", "-map", "1:v", "-c", "copy", at(`two.${kind}`));
    const found = await look(at(`two.${kind}`));
    expect(found).toMatchObject({ counts: { 0: 4, 1: 4 }, parts: ["video-track"], notAnalyzed: [] });
    // The same person in two tracks is two faces.
    expect(found.tracks).toHaveLength(2);
  });

  test.each([
    ["a Google motion photo", Buffer.alloc(0)],
    ["a Samsung motion photo", Buffer.from("....MotionPhoto_Data")],
  ])("the clip in %s", async (name, trailer) => {
    const path = at(`${name}.jpg`);
    writeFileSync(path, Buffer.concat([readFileSync(still), trailer, readFileSync(f)]));
    expect(await look(path)).toMatchObject({ counts: { 0: 1, 1: 4 }, parts: ["embedded-video"] });
  });

  test.each([
    ["mp4", []],
    ["mov", []],
    ["mkv", ["-c:v", "libx264"]],
    ["webm", ["-c:v", "libvpx", "-b:v", "1M"]],
    ["avi", ["-c:v", "mpeg4", "-q:v", "3"]],
    ["flv", ["-c:v", "libx264"]],
    ["wmv", ["-c:v", "wmv2", "-q:v", "3"]],
    ["ogv", ["-c:v", "libtheora", "-q:v", "8"]],
    ["gif", ["-r", "5", "-vf", "scale=320:-2"]],
  ])("both of two files of %s that were put behind each other", async (kind, encoder) => {
    const [first, second] = [at(`first.${kind}`), at(`second.${kind}`)];
    await makeClip("-i", a, "-t", "1", "-an", ...encoder, first);
    await makeClip("-i", f, "-t", "1", "-an", ...encoder, second);
    const joined = at(`joined.${kind}`);
    writeFileSync(joined, Buffer.concat([readFileSync(first), readFileSync(second)]));
    const { counts, parts, notAnalyzed } = await look(joined);
    expect({ counts, parts, notAnalyzed }).toEqual({
      counts: { 0: 4, 1: 4 },
      parts: ["embedded-video"],
      notAnalyzed: [],
    });
  });

  test("a forged clip behind an authentic one, which keeps the file from authentic", async () => {
    expect((await look(a)).verdict).toBe("authentic");
    writeFileSync(at("both.mp4"), Buffer.concat([readFileSync(a), readFileSync(f)]));
    expect((await look(at("both.mp4"))).verdict).not.toBe("authentic");
  });

  test("files of different kinds that were put behind each other", async () => {
    await makeClip("-i", f, "-t", "1", "-an", "-c:v", "libvpx", "-b:v", "1M", at("tail.webm"));
    writeFileSync(at("mixed.mp4"), Buffer.concat([readFileSync(a), readFileSync(at("tail.webm"))]));
    expect(await look(at("mixed.mp4"))).toMatchObject({ counts: { 0: 4, 1: 4 }, notAnalyzed: [] });
    writeFileSync(at("picture.jpg"), Buffer.concat([readFileSync(still), readFileSync(at("tail.webm"))]));
    expect(await look(at("picture.jpg"))).toMatchObject({ counts: { 0: 1, 1: 4 }, notAnalyzed: [] });
  });

  test("the later frames of an animated PNG", async () => {
    await makeClip("-i", a, "-frames:v", "20", "-vf", "scale=320:-2", "-f", "apng", at("anim.png"));
    expect(await look(at("anim.png"))).toMatchObject({ counts: { 0: 4 }, framesWithFace: 4 });
  });

  test("the later frames of an animated AVIF", async () => {
    const encoder = ["-c:v", "libaom-av1", "-cpu-used", "8", "-frames:v", "8", "-vf", "scale=320:-2"];
    await makeClip("-i", a, "-an", ...encoder, "-f", "avif", at("anim.avif"));
    expect(await look(at("anim.avif"))).toMatchObject({ counts: { 0: 4 }, framesWithFace: 4 });
  });

  test("the later frames of an animated WebP", async () => {
    const pictures = await Promise.all(
      [still, fixture("still-forged.jpg")].map((path) =>
        sharp(path).resize(300, 300).removeAlpha().raw().toBuffer(),
      ),
    );
    const raw = { width: 300, height: 600, channels: 3 as const, pageHeight: 300 };
    const options = { delay: [100, 200] };
    await sharp(Buffer.concat(pictures), { raw }).webp(options).toFile(at("anim.webp"));
    expect(await look(at("anim.webp"))).toMatchObject({ counts: { 0: 2 }, framesWithFace: 2 });
  });

  test("the later pages of a TIFF, each for itself", async () => {
    const page = await sharp(still).resize(300, 300).removeAlpha().raw().toBuffer();
    const raw = { width: 300, height: 600, channels: 3 as const, pageHeight: 300 };
    await sharp(Buffer.concat([page, page]), { raw })
      .tiff()
      .toFile(at("pages.tiff"));
    const found = await look(at("pages.tiff"));
    expect(found).toMatchObject({ counts: { 0: 1, 1: 1 }, parts: ["picture"] });
    expect(found.tracks).toHaveLength(2);
  });

  test("the second picture of a multi-picture file", async () => {
    const [first, second] = [readFileSync(still), readFileSync(fixture("still-forged.jpg"))];
    const segment = Buffer.alloc(4 + 4 + 8 + 2 + 12 + 4 + 32);
    segment.writeUInt16BE(0xffe2, 0);
    segment.writeUInt16BE(segment.length - 2, 2);
    segment.write("MPF\0MM", 4, "latin1");
    segment.writeUInt16BE(42, 10);
    segment.writeUInt32BE(8, 12);
    segment.writeUInt16BE(1, 16);
    segment.writeUInt16BE(0xb002, 18);
    segment.writeUInt16BE(7, 20);
    segment.writeUInt32BE(32, 22);
    segment.writeUInt32BE(26, 26);
    // The index starts eight bytes into the segment; entries follow its directory.
    const entries = 8 + 26;
    segment.writeUInt32BE(0x020002, entries + 16);
    segment.writeUInt32BE(second.length, entries + 20);
    segment.writeUInt32BE(first.length + segment.length - 10, entries + 24);
    const parts = [first.subarray(0, 2), segment, first.subarray(2), second];
    writeFileSync(at("two.mpo.jpg"), Buffer.concat(parts));
    expect(await look(at("two.mpo.jpg"))).toMatchObject({ counts: { 0: 1, 1: 1 }, parts: ["picture"] });
  });

  test("cover art is no video track", async () => {
    const cover = ["-map", "0:v", "-map", "1:v", "-c:v:0", "copy", "-c:v:1", "png"];
    await makeClip("-i", a, "-i", still, ...cover, "-disposition:v:1", "attached_pic", at("cover.mp4"));
    expect(await look(at("cover.mp4"))).toMatchObject({ counts: { 0: 4 }, parts: [] });
  });
});

test("a clip in a picture that cannot be decoded is counted, told and keeps the file from authentic", async () => {
  // Cut off before its index.
  const head = Buffer.from(readFileSync(f).subarray(0, 4096));
  writeFileSync(at("broken.jpg"), Buffer.concat([readFileSync(still), head]));
  const found = await look(at("broken.jpg"));
  expect(found.notAnalyzed).toEqual([{ what: "embedded-video", count: 1, seconds: null }]);
  expect(found.warnings).toContain(`Not analyzed in ${at("broken.jpg")}: 1 embedded clip.`);
  expect(found.verdict).not.toBe("authentic");
});
