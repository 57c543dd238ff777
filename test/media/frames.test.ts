import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type FrameOptions, frames, probe } from "../../src/media/index.ts";
import {
  counting,
  countOf,
  distance,
  errorOf,
  fixture,
  lossless,
  makeClip,
  pixel,
  readAll,
  temporaryFolder,
} from "./support/clips.ts";

const folder = temporaryFolder();

/** 64 x 48: red, green above blue, white. */
const quarters =
  "color=red:s=64x48:r=25:d=1,drawbox=32:0:32:24:lime:fill,drawbox=0:24:32:24:blue:fill,drawbox=32:24:32:24:white:fill";
const quarterColors = (width: number, height: number) => [
  { at: [width / 4, height / 4] as const, rgb: [255, 0, 0] },
  { at: [(width * 3) / 4, height / 4] as const, rgb: [0, 255, 0] },
  { at: [width / 4, (height * 3) / 4] as const, rgb: [0, 0, 255] },
  { at: [(width * 3) / 4, (height * 3) / 4] as const, rgb: [255, 255, 255] },
];

describe("frames", () => {
  it("are 32 where the caller does not say, spread over the whole clip, numbered from 0", async () => {
    const { all, times, stream } = await readAll(fixture("authentic.mp4"));
    expect(all.map((frame) => frame.index)).toEqual([...Array(32).keys()]);
    // On the screen at 1/16 s, 3/16 s ...: 25 frames a second begin every 0.04 s.
    expect(times.slice(0, 4)).toEqual([0.04, 0.16, 0.28, 0.4]);
    expect(times.at(-1)).toBe(3.92);
    expect(stream).toMatchObject({ framesExpected: 32, framesFailed: 0, warnings: [] });
  });

  it("hold RGB of the frame's size", async () => {
    const { all } = await readAll(fixture("authentic.mp4"), { frames: 2 });
    expect(all.map(({ width, height, data }) => [width, height, data.length])).toEqual([
      [640, 480, 640 * 480 * 3],
      [640, 480, 640 * 480 * 3],
    ]);
    expect(all[0]?.data).toBeInstanceOf(Uint8Array);
  });

  it("come at a fixed rate with fps", async () => {
    const { times, stream } = await readAll(fixture("authentic.mp4"), { fps: 2 });
    expect(times).toEqual([0, 0.52, 1, 1.52, 2, 2.52, 3, 3.52]);
    expect(stream.framesExpected).toBe(8);
  });

  it("come all, each once, from a clip that has fewer than asked for", async () => {
    const { times, stream } = await readAll(fixture("animated.gif"), { frames: 32 });
    expect(times).toEqual([0, 0.2, 0.4, 0.6, 0.8]);
    expect(stream).toMatchObject({ framesFailed: 0, warnings: [] });
  });

  it("carry the presentation times of a variable frame rate", async () => {
    const { times } = await readAll(fixture("vfr.mp4"), { fps: 240 });
    expect(times.slice(0, 3)).toEqual([0, 0.04, 0.08]);
    expect(times.slice(24, 31)).toEqual([0.96, 1, 1.2, 1.4, 1.6, 1.8, 2]);
    expect(times.slice(31)).toEqual([2.12, 2.2, 2.32, 2.4, 2.52, 2.6, 2.72, 2.8, 2.92]);
  });

  it("are spread evenly in time, not in number, over a variable frame rate", async () => {
    const { times } = await readAll(fixture("vfr.mp4"), { frames: 6 });
    expect(times).toEqual([0.2, 0.68, 1.2, 1.8, 2.2, 2.72]);
  });

  it("have times from the start of a stream whose clock starts elsewhere", async () => {
    const path = join(folder, "clock.ts");
    await makeClip(
      "-f",
      "lavfi",
      "-i",
      counting(25, 1),
      "-output_ts_offset",
      "500",
      "-c:v",
      "mpeg2video",
      path,
    );
    expect((await readAll(path, { frames: 2 })).times).toEqual([0.24, 0.72]);
  });

  it("of a clip that hides its length are spread over it all the same", async () => {
    const path = join(folder, "live.mkv");
    await makeClip("-f", "lavfi", "-i", counting(25, 4), ...lossless, "-f", "matroska", "-live", "1", path);
    const { times, stream } = await readAll(path, { frames: 4 });
    expect(times).toEqual([0.48, 1.48, 2.48, 3.48]);
    expect(stream.framesExpected).toBe(4);
  });
});

describe("frames are upright", () => {
  it.each([90, 180, 270])("when a phone stored them turned by %i degrees", async (turn) => {
    const stored = join(folder, `stored-${turn}.mp4`);
    const path = join(folder, `turned-${turn}.mp4`);
    const undo = { 90: "transpose=1", 180: "hflip,vflip", 270: "transpose=2" }[turn] ?? "null";
    const encoder = ["-c:v", "libx264", "-preset", "ultrafast", "-qp", "1", "-pix_fmt", "yuv444p"];
    await makeClip("-f", "lavfi", "-i", quarters, "-vf", undo, ...encoder, stored);
    await makeClip("-i", stored, "-c", "copy", "-metadata:s:v:0", `rotate=${turn}`, path);
    const { all } = await readAll(path, { frames: 1 });
    expect([all[0]?.width, all[0]?.height]).toEqual([64, 48]);
    for (const { at, rgb } of quarterColors(64, 48)) {
      expect(distance(pixel(all[0]!, at[0], at[1]), rgb)).toBeLessThanOrEqual(3);
    }
  });

  it("and have square pixels", async () => {
    const { all } = await readAll(fixture("anamorphic.mp4"), { frames: 1 });
    expect([all[0]?.width, all[0]?.height]).toEqual([320, 240]);
  });
});

describe("frames have right colours", () => {
  const formats = [
    ["8-bit 4:2:0", "64x48", ["-c:v", "libx264", "-qp", "1", "-pix_fmt", "yuv420p"]],
    ["4:4:4", "64x48", ["-c:v", "libx264", "-qp", "1", "-pix_fmt", "yuv444p"]],
    ["an odd size", "65x49", ["-c:v", "libx264", "-qp", "1", "-pix_fmt", "yuv444p"]],
    ["an odd size with subsampled chroma", "65x49", ["-c:v", "ffv1", "-pix_fmt", "yuv420p"]],
    ["RGB", "64x48", ["-c:v", "ffv1", "-pix_fmt", "gbrp"]],
    ["10 bits", "64x48", ["-c:v", "ffv1", "-pix_fmt", "yuv422p10le"]],
    ["full range", "64x48", ["-c:v", "mjpeg", "-q:v", "1", "-pix_fmt", "yuvj444p"]],
  ] as const;

  it.each(formats)("in %s", async (name, size, encoder) => {
    const path = join(folder, `${name.replace(/\W+/g, "-")}.mkv`);
    await makeClip(
      "-f",
      "lavfi",
      "-i",
      quarters,
      "-vf",
      `scale=${size.replace("x", ":")}:flags=neighbor`,
      ...encoder,
      path,
    );
    const { all } = await readAll(path, { frames: 1 });
    const [width = 0, height = 0] = size.split("x").map(Number);
    expect([all[0]?.width, all[0]?.height]).toEqual([width, height]);
    for (const { at, rgb } of quarterColors(width, height)) {
      expect(distance(pixel(all[0]!, Math.floor(at[0]), Math.floor(at[1])), rgb)).toBeLessThanOrEqual(4);
    }
  });

  it("by the tagged matrix, and by BT.709 where HD video has no tag", async () => {
    const encode = (path: string, size: string, tags: readonly string[]) =>
      makeClip(
        ...[
          "-f",
          "lavfi",
          "-i",
          `color=red:s=${size}:r=5:d=1,format=gbrp,scale=out_color_matrix=bt709,format=yuv444p`,
        ],
        ...[...tags, ...lossless, path],
      );
    const tagged = join(folder, "tagged.mp4");
    const untagged = join(folder, "untagged-hd.mp4");
    await encode(tagged, "64x48", ["-colorspace", "bt709"]);
    await encode(untagged, "1280x720", []);
    for (const path of [tagged, untagged]) {
      const { all } = await readAll(path, { frames: 1 });
      expect(distance(pixel(all[0]!, 9, 9), [255, 0, 0])).toBeLessThanOrEqual(3);
    }
  });

  it("in HDR, mapped to what the SDR version of the same clip shows", async () => {
    const [hdr, sdr] = [
      await readAll(fixture("hdr-pq.mp4"), { frames: 1 }),
      await readAll(fixture("hevc-10bit.mp4"), { frames: 1 }),
    ];
    expect(hdr.stream.warnings).toEqual([]);
    const mean = (data: Uint8Array) =>
      [0, 1, 2].map((c) => data.reduce((sum, v, i) => (i % 3 === c ? sum + v : sum), 0) / (data.length / 3));
    expect(distance(mean(hdr.all[0]!.data), mean(sdr.all[0]!.data))).toBeLessThan(8);
  });

  it("in HLG HDR of an odd size too", async () => {
    const path = join(folder, "hlg.mkv");
    const tags = ["-color_primaries", "bt2020", "-color_trc", "arib-std-b67", "-colorspace", "bt2020nc"];
    const grey = "color=gray:s=64x48:r=5:d=1,scale=65:49,format=yuv420p10le";
    await makeClip("-f", "lavfi", "-i", grey, ...tags, "-c:v", "ffv1", path);
    expect((await probe(path)).isHdr).toBe(true);
    const { all } = await readAll(path, { frames: 1 });
    const [r = 0, g = 0, b = 0] = pixel(all[0]!, 9, 9);
    expect(Math.max(r, g, b) - Math.min(r, g, b)).toBeLessThanOrEqual(4);
    expect(all[0]?.width).toBe(65);
  });
});

describe("frames are sized", () => {
  it("to maxSidePx at most, keeping their shape", async () => {
    const { all } = await readAll(fixture("authentic.mp4"), { frames: 1, maxSidePx: 200 });
    expect([all[0]?.width, all[0]?.height]).toEqual([200, 150]);
  });

  it("to 1920 pixels at most where the caller does not say", async () => {
    const path = join(folder, "4k.mp4");
    await makeClip("-f", "lavfi", "-i", "color=red:s=3840x2160:r=5:d=0.4", ...lossless, path);
    const { all } = await readAll(path, { frames: 1 });
    expect([all[0]?.width, all[0]?.height]).toEqual([1920, 1080]);
  });

  it("after the caller's filter, which sees the upright picture at its full size", async () => {
    const options = { frames: 1, filter: "crop=256:128:40:60" };
    const [whole, cropped] = [
      await readAll(fixture("rotated.mp4"), { frames: 1 }),
      await readAll(fixture("rotated.mp4"), options),
    ];
    expect([cropped.all[0]?.width, cropped.all[0]?.height]).toEqual([256, 128]);
    expect(pixel(cropped.all[0]!, 0, 0)).toEqual(pixel(whole.all[0]!, 40, 60));
    expect(pixel(cropped.all[0]!, 255, 127)).toEqual(pixel(whole.all[0]!, 295, 187));
    const small = await readAll(fixture("rotated.mp4"), { ...options, maxSidePx: 64 });
    expect([small.all[0]?.width, small.all[0]?.height]).toEqual([64, 32]);
  });
});

describe("frames of a long clip", () => {
  const path = join(folder, "long.mp4");
  beforeAll(() => makeClip("-f", "lavfi", "-i", counting(25, 80), ...lossless, "-g", "250", path), 60_000);

  it("are sought, and are those that decoding from the start gives", async () => {
    const { all, times } = await readAll(path, { frames: 8 });
    expect(times).toEqual([4.96, 14.96, 24.96, 34.96, 44.96, 54.96, 64.96, 74.96]);
    expect(all.map(countOf)).toEqual(times.map((time) => Math.round(time * 25) % 100));
    const forward = await readAll(path, { frames: 40 });
    expect(forward.all.map(countOf)).toEqual(forward.times.map((time) => Math.round(time * 25) % 100));
    expect(forward.times.slice(0, 2)).toEqual([0.96, 2.96]);
  });

  it("are found in an MKV, whose times are rounded to 1 ms", async () => {
    const mkv = join(folder, "long.mkv");
    await makeClip("-i", path, "-c", "copy", mkv);
    const { all, times } = await readAll(mkv, { frames: 4 });
    expect(times).toEqual([9.96, 29.96, 49.96, 69.96]);
    expect(all.map(countOf)).toEqual(times.map((time) => Math.round(time * 25) % 100));
  });

  it("that is cut short come as far as it goes, and the rest are counted", async () => {
    const fast = join(folder, "fast.mp4");
    const cut = join(folder, "cut.mp4");
    await makeClip("-i", path, "-c", "copy", "-movflags", "+faststart", fast);
    const bytes = readFileSync(fast);
    writeFileSync(cut, bytes.subarray(0, Math.round(bytes.length * 0.6)));
    const { times, stream } = await readAll(cut, { frames: 8 });
    expect(times.length).toBeGreaterThanOrEqual(3);
    expect(times.length).toBeLessThan(8);
    expect(stream.framesFailed).toBe(8 - times.length);
    expect(stream.warnings[1]).toMatch(
      `${8 - times.length} of 8 wanted frames of ${cut} could not be decoded (ffmpeg: `,
    );
  });
});

describe("frames of a damaged clip", () => {
  it("come as far as it can be decoded, with a warning", async () => {
    const { times, stream } = await readAll(fixture("truncated.mp4"), { frames: 8 });
    expect(times).toEqual([0.24, 0.72, 1.24]);
    expect(stream.framesFailed).toBe(5);
    expect(stream.warnings).toHaveLength(2);
    expect(stream.warnings[1]).toMatch(
      "5 of 8 wanted frames of fixtures/media/truncated.mp4 could not be decoded (ffmpeg: ",
    );
  });

  it.each(["avi", "mkv", "flv", "ts"])("come with a warning from a %s that is cut short", async (kind) => {
    const [whole, cut] = [join(folder, `whole.${kind}`), join(folder, `cut.${kind}`)];
    await makeClip("-i", fixture("authentic.mp4"), "-an", "-c:v", kind === "avi" ? "mpeg4" : "copy", whole);
    const bytes = readFileSync(whole);
    writeFileSync(cut, bytes.subarray(0, Math.round(bytes.length * 0.6)));
    const { all, stream } = await readAll(cut, { frames: 8 });
    expect(all.length).toBeGreaterThanOrEqual(3);
    // A TS has no header to promise more.
    if (kind !== "ts") expect(stream.warnings.length).toBeGreaterThanOrEqual(1);
  });

  it("end in an error when there is not one", async () => {
    const path = join(folder, "headless.mp4");
    const bytes = readFileSync(fixture("truncated.mp4"));
    // Keeps the index, loses the pictures.
    writeFileSync(path, bytes.subarray(0, bytes.indexOf("mdat") + 100));
    expect(await errorOf(readAll(path))).toMatchObject({
      code: "DECODE_FAILED",
      message: `Expected video in ${path} but not one frame could be decoded: copy or download it again, or check that it plays.`,
    });
  });
});

describe("frames of a still image", () => {
  it("are one, at time 0", async () => {
    const { all, stream } = await readAll(fixture("still.jpg"), { frames: 32 });
    expect(all.map(({ index, timeSec, width, height }) => ({ index, timeSec, width, height }))).toEqual([
      { index: 0, timeSec: 0, width: 300, height: 300 },
    ]);
    expect(stream).toMatchObject({ framesExpected: 1, framesFailed: 0, warnings: [] });
  });
});

describe("frames refuse", () => {
  const usage: readonly [FrameOptions, string][] = [
    [{ frames: 0 }, "Expected a whole number from 1 to 100000 for frames but received 0."],
    [{ frames: 2.5 }, "Expected a whole number from 1 to 100000 for frames but received 2.5."],
    [{ fps: 0 }, "Expected a number above 0 and at most 240 for fps but received 0."],
    [{ fps: Number.NaN }, "Expected a number above 0 and at most 240 for fps but received NaN."],
    [{ frames: 3, fps: 1 }, "Expected either frames or fps but received both: leave one out."],
    [{ maxSidePx: 4 }, "Expected a whole number from 16 to 16384 for maxSidePx but received 4."],
    [
      { filter: "movie=/etc/passwd" },
      'Expected a chain of the filters crop, eq, format, gblur, hflip, hue, noise, pad, scale, transpose, unsharp, vflip but received "movie=/etc/passwd".',
    ],
    [
      { filter: "hflip[a];movie=x[b];[a][b]overlay" },
      'Expected a chain of the filters crop, eq, format, gblur, hflip, hue, noise, pad, scale, transpose, unsharp, vflip but received "hflip[a];movie=x[b];[a][b]overlay".',
    ],
  ];

  it.each(usage)("%j", async (options, message) => {
    const info = await probe(fixture("still.jpg"));
    expect(() => frames(info, options)).toThrow(expect.objectContaining({ code: "USAGE", message }));
  });
});
