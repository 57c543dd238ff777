import { describe, expect, it } from "vitest";
import { type MediaInfo, probe } from "../../src/media/index.ts";
import { planSampling } from "../../src/media/sampling.ts";
import { shouldSeek } from "../../src/media/should-seek.ts";
import { fixture } from "./support/clips.ts";

const clip = await probe(fixture("authentic.mp4"));
const twoHours: MediaInfo = { ...clip, durationSec: 7200, frameCount: 180_000 };
const seeks = (info: MediaInfo, frames = 32) =>
  shouldSeek(
    info,
    planSampling({ startSec: 0, durationSec: info.durationSec ?? 1, fps: info.fps }, { frames }),
  );

describe("shouldSeek", () => {
  it("seeks few frames of a long clip, and decodes a short one or many frames forward", () => {
    expect(seeks(twoHours)).toBe(true);
    expect(seeks(clip)).toBe(false);
    expect(seeks(twoHours, 7200)).toBe(false);
  });

  it("changes over at 150 frames between two wanted ones", () => {
    expect(seeks({ ...clip, durationSec: 6.01 * 32 })).toBe(true);
    expect(seeks({ ...clip, durationSec: 5.99 * 32 })).toBe(false);
  });

  it("never seeks in H.264 4:4:4, whose frames can decode to garbage then", () => {
    expect(seeks({ ...twoHours, pixelFormat: "yuv444p" })).toBe(false);
    expect(seeks({ ...twoHours, pixelFormat: "gbrp" })).toBe(false);
    expect(seeks({ ...twoHours, codec: "vp9", pixelFormat: "yuv444p" })).toBe(true);
  });

  it("never seeks without an index or a length", () => {
    expect(seeks({ ...twoHours, container: "mpegts" })).toBe(false);
    expect(seeks({ ...twoHours, durationSec: null })).toBe(false);
    expect(seeks({ ...twoHours, container: "matroska,webm" })).toBe(true);
  });
});
