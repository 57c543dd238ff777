import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { probe } from "../../src/media/index.ts";
import { counting, countOf, lossless, makeClip, readAll, temporaryFolder } from "./support/clips.ts";

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
/** Four seconds whose frames tell their number. */
const clip = at("clip.mp4");
beforeAll(() => makeClip("-f", "lavfi", "-i", counting(25, 4), ...lossless, "-g", "25", clip));

const read = async (path: string) => {
  const { all, times, stream } = await readAll(path, { frames: 8 });
  return {
    counts: all.map(countOf),
    sizes: all.map(({ width, height }) => `${width}x${height}`),
    times,
    stream,
  };
};
/** What all eight frames of the clip are. */
const counts = [5, 18, 30, 43, 55, 68, 80, 93];
const nearly = (found: readonly number[]) => {
  expect(found).toHaveLength(counts.length);
  for (const [i, count] of found.entries()) expect(Math.abs(count - counts[i]!)).toBeLessThanOrEqual(1);
};

describe("a header that lies about the length", () => {
  /** Puts `seconds` where an MP4 keeps the length of a box. */
  function lie(name: string, type: string, scale: number): string {
    const bytes = readFileSync(clip);
    const box = bytes.indexOf(type);
    // Version 0: flags, two times, (time scale,) length.
    const place = box + 4 + 4 + 8 + (type === "tkhd" ? 8 : 4);
    bytes.writeUInt32BE(Math.round(bytes.readUInt32BE(place) * scale), place);
    writeFileSync(at(name), bytes);
    return at(name);
  }

  it.each(["mdhd", "mvhd", "tkhd"])("in %s of an MP4 hides no frame", async (type) => {
    nearly((await read(lie(`${type}.mp4`, type, 0.25))).counts);
  });

  it("by saying too much asks for no frame that is not there", async () => {
    const { counts: found, stream } = await read(lie("long.mp4", "mdhd", 50));
    nearly(found);
    expect(stream.framesFailed).toBe(0);
  });

  it("in an MKV hides no frame", async () => {
    await makeClip("-i", clip, "-c", "copy", at("whole.mkv"));
    const bytes = readFileSync(at("whole.mkv"));
    // Duration: id 0x4489, eight bytes of float, in milliseconds.
    const place = bytes.indexOf(Buffer.from([0x44, 0x89, 0x88])) + 3;
    bytes.writeDoubleBE(1000, place);
    writeFileSync(at("short.mkv"), bytes);
    const { counts: found, stream } = await read(at("short.mkv"));
    nearly(found);
    expect(stream.warnings).toEqual([expect.stringContaining("contains 4.0 s")]);
  });

  it("in an FLV hides no frame", async () => {
    await makeClip("-i", clip, "-c:v", "flv1", "-q:v", "2", at("whole.flv"));
    const bytes = readFileSync(at("whole.flv"));
    bytes.writeDoubleBE(1, bytes.indexOf("duration") + 9);
    writeFileSync(at("short.flv"), bytes);
    nearly((await read(at("short.flv"))).counts);
  });
});

describe("a file whose first time is not 0", () => {
  it.each(["mkv", "ts", "mp4", "webm", "flv"])("is sampled over all of it in %s", async (kind) => {
    const path = at(`late.${kind}`);
    const codec =
      kind === "webm" ? ["-c:v", "libvpx-vp9", "-lossless", "1", "-cpu-used", "8"] : ["-c", "copy"];
    await makeClip("-i", clip, ...codec, "-output_ts_offset", "1000", path);
    nearly((await read(path)).counts);
    const [late, plain] = [await probe(path), await probe(clip)];
    expect(late.durationSec).toBeCloseTo(4, 1);
    // A tiny picture: a transport stream's own marks count.
    if (kind !== "webm") expect(Math.abs(late.bitsPerPixel! / plain.bitsPerPixel! - 1)).toBeLessThan(0.1);
  });

  it("is sampled over the frames of an AVI, and not over the pause before them", async () => {
    await makeClip("-i", clip, "-c:v", "ffv1", "-output_ts_offset", "100", at("late.avi"));
    const { counts: found } = await read(at("late.avi"));
    expect(found.length).toBeGreaterThanOrEqual(6);
    expect((await probe(at("late.avi"))).fps).toBe(25);
  });

  it("may be any piece of a recording that was cut in segments", async () => {
    const pieces = ["-f", "segment", "-segment_time", "1", "-break_non_keyframes", "0"];
    await makeClip("-i", clip, "-c", "copy", ...pieces, at("piece%d.mkv"));
    const { counts: found } = await read(at("piece3.mkv"));
    expect(found).toHaveLength(8);
    expect(found[0]).toBeGreaterThanOrEqual(75);
  });
});

it("transport streams put behind each other are read to the end", async () => {
  await makeClip("-i", clip, "-c", "copy", at("first.ts"));
  await makeClip("-f", "lavfi", "-i", "color=white:s=96x64:r=25:d=4", ...lossless, at("second.ts"));
  const parts = [readFileSync(at("first.ts")), readFileSync(at("second.ts"))];
  writeFileSync(at("joined.ts"), Buffer.concat(parts));
  const { sizes, stream } = await read(at("joined.ts"));
  expect(sizes).toEqual([...new Array(4).fill("64x48"), ...new Array(4).fill("96x64")]);
  expect(stream).toMatchObject({ framesFailed: 0, notAnalyzed: [] });
  expect((await probe(at("joined.ts"))).durationSec).toBeCloseTo(8, 1);
});

describe("a picture that changes its size on the way", () => {
  const half = (size: string) => ["-f", "lavfi", "-i", `testsrc=s=${size}:r=25:d=2`];
  it.each([
    ["webm", ["-c:v", "libvpx", "-b:v", "1M", "-deadline", "realtime"], "ivf"],
    ["ts", ["-c:v", "libx264", "-pix_fmt", "yuv420p"], "ts"],
    ["mkv", ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-bsf:v", "dump_extra"], "ts"],
    ["mp4", ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-bsf:v", "dump_extra"], "ts"],
  ])("is read to the end and in its own size in %s", async (kind, encoder, raw) => {
    const [small, large, both] = [
      at(`small-${kind}.${raw}`),
      at(`large-${kind}.${raw}`),
      at(`both-${kind}.${raw}`),
    ];
    await makeClip(...half("64x48"), ...encoder, small);
    await makeClip(...half("160x120"), ...encoder, large);
    // An IVF has one header of 32 bytes.
    writeFileSync(
      both,
      Buffer.concat([readFileSync(small), readFileSync(large).subarray(raw === "ivf" ? 32 : 0)]),
    );
    const path = at(`changing.${kind}`);
    await makeClip("-i", both, "-c", "copy", "-bsf:v", `setts=ts=${raw === "ivf" ? "N*40" : "N*3600"}`, path);
    const { sizes, stream } = await read(path);
    expect(sizes).toEqual([...new Array(4).fill("64x48"), ...new Array(4).fill("160x120")]);
    expect(stream).toMatchObject({ framesFailed: 0, warnings: [] });
  });
});

it("frames that an edit list hides are read too", async () => {
  await makeClip("-ss", "2.6", "-i", clip, "-c", "copy", at("edited.mp4"));
  const { counts: found, stream } = await read(at("edited.mp4"));
  // The first hidden frame is the key frame before the cut.
  expect(found[0]).toBeLessThan(60);
  expect(stream.warnings).toEqual([expect.stringContaining("edit list")]);
});

describe("the bits for each pixel", () => {
  const reference = async () => (await probe(clip)).bitsPerPixel!;

  it.each([
    ["live.mkv", ["-f", "matroska", "-live", "1"]],
    ["plain.ts", []],
    ["fragmented.mp4", ["-movflags", "frag_keyframe+empty_moov"]],
    ["plain.flv", []],
  ])("do not depend on the container: %s", async (name, options) => {
    await makeClip("-i", clip, "-c", "copy", ...options, at(name));
    expect(Math.abs((await probe(at(name))).bitsPerPixel! / (await reference()) - 1)).toBeLessThan(0.1);
  });

  it("are counted by frames in an AVI with B-frames", async () => {
    await makeClip("-i", clip, "-c:v", "mpeg4", "-q:v", "2", "-bf", "2", at("b.avi"));
    await makeClip("-i", clip, "-c:v", "mpeg4", "-q:v", "2", "-bf", "2", at("b.mkv"));
    const [avi, mkv] = [await probe(at("b.avi")), await probe(at("b.mkv"))];
    expect([avi.fps, mkv.fps]).toEqual([25, 25]);
    // Headers within the stream count; twice the rate would be half of it.
    expect(Math.abs(avi.bitsPerPixel! / mkv.bitsPerPixel! - 1)).toBeLessThan(0.4);
  });
});

describe("fields", () => {
  /** A bar that moves fast: its edges comb where two fields are woven. */
  const moving =
    "color=black:s=320x240:r=50:d=2,drawbox=x=0:y=0:w=40:h=240:color=white:t=fill,scroll=horizontal=0.02";
  const combs = async (path: string) => {
    const { all } = await readAll(path, { frames: 4 });
    return all.map(({ data, width, height }) => {
      let combed = 0;
      for (let y = 1; y + 1 < height; y++) {
        for (let x = 0; x < width; x++) {
          const level = (row: number) => data[(row * width + x) * 3]!;
          const [above, here, below] = [level(y - 1), level(y), level(y + 1)];
          if (Math.abs(above - below) < 30 && Math.abs(here - above) > 100) combed++;
        }
      }
      return combed;
    });
  };

  it("are taken apart in interlaced video", async () => {
    const encoder = ["-flags", "+ilme+ildct", "-x264opts", "tff=1", "-c:v", "libx264", "-qp", "1"];
    await makeClip(
      "-f",
      "lavfi",
      "-i",
      moving,
      "-vf",
      "tinterlace=interleave_top",
      ...encoder,
      at("fields.mp4"),
    );
    expect((await probe(at("fields.mp4"))).video?.isInterlaced).toBe(true);
    for (const count of await combs(at("fields.mp4"))) expect(count).toBeLessThan(200);
  });

  it("are not looked for in progressive video, whose pixels stay as they are", async () => {
    const [plain, marked] = [at("plain.mkv"), at("marked.mkv")];
    const source = [
      "-f",
      "lavfi",
      "-i",
      "testsrc=s=320x240:r=25:d=2",
      "-c:v",
      "libx264",
      "-qp",
      "1",
      "-pix_fmt",
      "yuv420p",
    ];
    await makeClip(...source, plain);
    await makeClip(...source, "-vf", "setfield=tff", "-flags", "+ilme+ildct", "-x264opts", "tff=1", marked);
    expect((await probe(marked)).video?.isInterlaced).toBe(true);
    const [a, b] = [await readAll(plain, { frames: 3 }), await readAll(marked, { frames: 3 })];
    a.all.forEach((frame, i) => {
      const other = b.all[i]!.data;
      const mean = frame.data.reduce((sum, v, p) => sum + Math.abs(v - other[p]!), 0) / frame.data.length;
      expect(mean).toBeLessThan(1);
    });
  });
});
