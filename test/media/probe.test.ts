import { chmodSync, copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { probe } from "../../src/media/index.ts";
import { counting, errorOf, fixture, lossless, makeClip, temporaryFolder } from "./support/clips.ts";

const folder = temporaryFolder();

describe("probe", () => {
  it("tells what a clip holds", async () => {
    expect(await probe(fixture("authentic.mp4"))).toEqual({
      path: "fixtures/media/authentic.mp4",
      kind: "video",
      bytes: readFileSync(fixture("authentic.mp4")).length,
      container: "mov,mp4,m4a,3gp,3g2,mj2",
      codec: "h264",
      pixelFormat: "yuv420p",
      width: 640,
      height: 480,
      durationSec: 4,
      fps: 25,
      frameCount: 100,
      bitsPerPixel: expect.closeTo(0.042, 4),
      rotationDeg: 0,
      isVariableFrameRate: false,
      isHdr: false,
      hasAudio: true,
      streamIndex: 0,
      video: {
        startSec: 0,
        clockStartSec: 0,
        isCutShort: false,
        lastSec: 3.96,
        hasJumps: false,
        pauses: [],
        ignoresEditList: false,
        isInterlaced: false,
        colorMatrix: null,
        colorTransfer: null,
        colorPrimaries: null,
        colorRange: null,
      },
      warnings: [],
    });
  });

  it("gives the upright size of a clip that was stored on its side", async () => {
    expect(await probe(fixture("rotated.mp4"))).toMatchObject({ width: 360, height: 480, rotationDeg: 90 });
  });

  it("gives the shown size of pixels that are not square", async () => {
    expect(await probe(fixture("anamorphic.mp4"))).toMatchObject({ width: 320, height: 240 });
  });

  it("notices a variable frame rate", async () => {
    expect(await probe(fixture("vfr.mp4"))).toMatchObject({ isVariableFrameRate: true, frameCount: 40 });
  });

  it("notices HDR by its transfer function, and not by its bits", async () => {
    const hdr = await probe(fixture("hdr-pq.mp4"));
    expect(hdr).toMatchObject({ isHdr: true, codec: "hevc", pixelFormat: "yuv420p10le" });
    expect(hdr.video).toMatchObject({ colorTransfer: "smpte2084", colorPrimaries: "bt2020" });
    expect(await probe(fixture("hevc-10bit.mp4"))).toMatchObject({
      isHdr: false,
      pixelFormat: "yuv420p10le",
    });
  });

  it("takes the default stream, not cover art and not a larger extra", async () => {
    const path = join(folder, "streams.mp4");
    const inputs = ["64x48", "160x120", "32x24"].flatMap((s) => ["-f", "lavfi", "-i", `testsrc=s=${s}:d=1`]);
    const maps = ["-map", "1:v", "-map", "2:v", "-map", "0:v", "-c:v", "libx264", "-pix_fmt", "yuv420p"];
    const cover = ["-c:v:1", "png", "-disposition:v:1", "attached_pic", "-frames:v:1", "1"];
    await makeClip(
      ...inputs,
      ...maps,
      ...cover,
      "-disposition:v:0",
      "0",
      "-disposition:v:2",
      "default",
      path,
    );
    expect(await probe(path)).toMatchObject({ streamIndex: 1, width: 64, height: 48 });
  });

  it("takes the largest stream where none is the default", async () => {
    const path = join(folder, "no-default.mkv");
    const inputs = ["64x48", "160x120"].flatMap((s) => ["-f", "lavfi", "-i", `testsrc=s=${s}:d=1`]);
    const maps = [
      "-map",
      "0",
      "-map",
      "1",
      "-c:v",
      "libx264",
      "-disposition:v:0",
      "0",
      "-disposition:v:1",
      "0",
    ];
    await makeClip(...inputs, ...maps, path);
    expect(await probe(path)).toMatchObject({ streamIndex: 1, width: 160, height: 120 });
  });

  it("gives the bits of video for each pixel, without the sound where a container tells one rate for both", async () => {
    const [mp4, mkv] = [join(folder, "rate.mp4"), join(folder, "rate.mkv")];
    const copy = ["-i", fixture("authentic.mp4"), "-c", "copy"];
    await makeClip(...copy, "-an", mp4);
    await makeClip(...copy, mkv);
    const [bare, withSound] = [(await probe(mp4)).bitsPerPixel!, (await probe(mkv)).bitsPerPixel!];
    expect(bare).toBeCloseTo(0.042, 3);
    // What the container adds is shared out.
    expect(withSound / bare).toBeGreaterThan(0.95);
    expect(withSound / bare).toBeLessThan(1.05);
    expect((await probe(fixture("still.jpg"))).bitsPerPixel).toBe(null);
  });

  it("counts the length that a file does not say", async () => {
    const path = join(folder, "live.mkv");
    await makeClip("-f", "lavfi", "-i", counting(25, 1), ...lossless, "-f", "matroska", "-live", "1", path);
    expect(await probe(path)).toMatchObject({ durationSec: 1, frameCount: 25 });
  });

  it.each(["mp4", "mkv", "ts", "avi"])("reads a %s whose comment is as large as a film", async (kind) => {
    const [meta, path] = [join(folder, `meta-${kind}.txt`), join(folder, `comment.${kind}`)];
    writeFileSync(meta, `;FFMETADATA1\ncomment=${"long ".repeat(4 << 20)}\n`);
    const inputs = ["-i", fixture("authentic.mp4"), "-f", "ffmetadata", "-i", meta];
    await makeClip(...inputs, "-map", "0:v", "-map_metadata", "1", "-c", "copy", path);
    expect(await probe(path)).toMatchObject({ width: 640, frameCount: 100 });
  });

  it("warns of an MP4 that is cut short", async () => {
    const { warnings, durationSec } = await probe(fixture("truncated.mp4"));
    expect(durationSec).toBe(4);
    expect(warnings).toEqual([
      "fixtures/media/truncated.mp4 is cut short: its header describes more than the file contains.",
    ]);
  });

  it("tells still images from an animated GIF, which is a video", async () => {
    const still = { kind: "image", durationSec: null, fps: null, frameCount: 1, video: null, width: 200 };
    expect(await probe(fixture("still.webp"))).toMatchObject({ ...still, container: "webp" });
    expect(await probe(fixture("still.avif"))).toMatchObject({ ...still, container: "avif", codec: "av1" });
    expect(await probe(fixture("alpha.png"))).toMatchObject({ ...still, container: "png" });
    expect(await probe(fixture("exif-orientation-6.jpg"))).toMatchObject({ ...still, rotationDeg: 90 });
    expect(await probe(fixture("animated.gif"))).toMatchObject({ kind: "video", durationSec: 1, fps: 5 });
  });

  it("goes by the content and not by the name", async () => {
    const path = join(folder, "photo.mp4");
    copyFileSync(fixture("still.jpg"), path);
    expect(await probe(path)).toMatchObject({ kind: "image", container: "jpeg" });
  });
});

describe("probe refuses", () => {
  const noIndex = join(folder, "no-index.mp4");
  writeFileSync(noIndex, readFileSync(fixture("authentic.mp4")).subarray(0, 20_000));
  const svg = join(folder, "drawing.svg");
  writeFileSync(
    svg,
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>',
  );
  const jxl = join(folder, "photo.jxl");
  writeFileSync(jxl, Buffer.from("ff0a7f00904b", "hex"));
  const notes = join(folder, "notes.txt");
  copyFileSync(fixture("text.mp4"), notes);
  const song = join(folder, "song.wav");
  const nut = join(folder, "clip.nut");
  beforeAll(async () => {
    await makeClip("-f", "lavfi", "-i", "sine=d=1", song);
    await makeClip("-f", "lavfi", "-i", counting(25, 1), "-c:v", "mpeg4", nut);
  });

  it.each([
    [
      "a missing file",
      "nowhere.mp4",
      "FILE_MISSING",
      "Expected a file at nowhere.mp4 but there is none: check the path.",
    ],
    [
      "a path through a file",
      "package.json/clip.mp4",
      "FILE_MISSING",
      "Expected a file at package.json/clip.mp4 but there is none: check the path.",
    ],
    [
      "an empty file",
      fixture("empty.mp4"),
      "FILE_EMPTY",
      "Expected a video or an image but fixtures/media/empty.mp4 is empty: copy or download it again.",
    ],
    [
      "a folder",
      "fixtures/media",
      "IS_DIRECTORY",
      "Expected a file but fixtures/media is a folder: name the files in it.",
    ],
    [
      "a device",
      "/dev/zero",
      "FILE_UNREADABLE",
      "Expected a regular file but /dev/zero is a device, pipe or socket: save its content to a file first.",
    ],
    [
      "a text",
      fixture("text.mp4"),
      "NOT_MEDIA",
      "Expected a video or an image but fixtures/media/text.mp4 is neither, or damaged from its start: check that it plays.",
    ],
    [
      "an SVG",
      svg,
      "NOT_MEDIA",
      `Expected a video or an image but ${svg} is markup (XML, SVG or HTML): give the video itself, or save a drawing as PNG.`,
    ],
    [
      "a format that sharp cannot read",
      jxl,
      "UNSUPPORTED_CONTAINER",
      `Expected an image that sharp can read but ${jxl} is an image of another format: save it as JPEG, PNG, WebP or AVIF.`,
    ],
    [
      "a sound file",
      song,
      "NO_VIDEO",
      `Expected a video or an image but ${song} holds only sound: give a file with a picture.`,
    ],
    [
      "a container that is not on the list",
      nut,
      "UNSUPPORTED_CONTAINER",
      `Expected MP4, MOV, MKV, WebM, AVI, TS, MPEG, FLV, OGG, ASF, MXF or GIF but ${nut} is of another kind (nut): convert it to MP4.`,
    ],
    [
      "a text that is called one",
      notes,
      "NOT_MEDIA",
      `Expected a video or an image but ${notes} is neither, or damaged from its start: check that it plays.`,
    ],
    [
      "sound without a picture",
      fixture("audio-only.m4a"),
      "NO_VIDEO",
      "Expected a video or an image but fixtures/media/audio-only.m4a holds only sound: give a file with a picture.",
    ],
    [
      "an MP4 whose index is lost",
      noIndex,
      "DECODE_FAILED",
      `Expected a complete MP4 but ${noIndex} has lost its index (moov), so nothing of it can be decoded: copy or download it again.`,
    ],
  ])("%s", async (_what, path, code, message) => {
    expect(await errorOf(probe(path))).toMatchObject({ name: "TelltaleError", code, message });
  });

  it("a file without read permission", async () => {
    const path = join(folder, "locked.mp4");
    copyFileSync(fixture("authentic.mp4"), path);
    chmodSync(path, 0);
    chmodSync(folder, 0o755);
    // root may read anything, so the test becomes nobody for a moment.
    const isRoot = process.geteuid?.() === 0;
    if (isRoot) process.seteuid?.(65534);
    try {
      expect(await errorOf(probe(path))).toMatchObject({
        code: "FILE_UNREADABLE",
        message: `Expected to read ${path} but permission was denied: give this user read access.`,
      });
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  });

  it("when its signal is aborted", async () => {
    const error = await errorOf(probe(fixture("authentic.mp4"), { signal: AbortSignal.abort() }));
    expect(error).toMatchObject({
      code: "ABORTED",
      message: "Reading fixtures/media/authentic.mp4 was stopped before its end.",
    });
  });
});
