import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { describeFrames } from "../../src/detection/frames.ts";
import { thresholdsForFaces } from "../../src/detection/many-faces.ts";
import { decide, decideParts, withCoverage, withProvenance } from "../../src/detection/verdict.ts";
import { linkTracks } from "../../src/faces/tracks.ts";
import type { FaceObservation, FrameObservation } from "../../src/faces/types.ts";
import type { MediaInfo } from "../../src/media/index.ts";
import { meanAuthenticity } from "../../src/statistics/calibration.ts";

const thresholds = { forgedBelow: 0.4, authenticAbove: 0.6, measuredFpr: 0.05, measuredOn: "test" };

/** Persons stand 300 px apart and look each their own way. */
function face(person: number, authenticity: number | null): FaceObservation {
  const thumbnail = Uint8Array.from({ length: 192 }, (_, i) => ((i * (person * 2 + 1) * 37) % 251) + person);
  const unscored = authenticity === null ? "too-small" : null;
  return { box: [person * 300, 100, 100, 100], confidence: 0.9, authenticity, unscored, thumbnail };
}

function video(frames: readonly (readonly FaceObservation[] | "failed")[]): FrameObservation[] {
  return frames.map((faces, index) => {
    const error = faces === "failed" ? "The frame could not be scored." : null;
    return { index, timeSec: index, width: 1280, height: 720, faces: faces === "failed" ? [] : faces, error };
  });
}

function verdictOf(
  frames: readonly FrameObservation[],
  kind: "video" | "image" = "video",
  { codec = "h264", bitsPerPixel = 0.05 }: Partial<Pick<MediaInfo, "codec" | "bitsPerPixel">> = {},
) {
  const info = { kind, codec, bitsPerPixel: kind === "image" ? null : bitsPerPixel };
  return decide({ info, frames, tracks: linkTracks(frames), thresholds });
}

const times = <T>(n: number, value: T): T[] => new Array<T>(n).fill(value);

describe("meanAuthenticity", () => {
  test("equal frames have theirs", () => {
    expect(meanAuthenticity([0.2, 0.2, 0.2])).toBeCloseTo(0.2, 12);
  });

  test("sure frames weigh more than unsure ones", () => {
    // ln(0.01 / 0.99) = -4.595 and three times ln(0.6 / 0.4) = 0.405: mean -0.845.
    expect(meanAuthenticity([0.01, 0.6, 0.6, 0.6])).toBeCloseTo(0.3005, 4);
  });

  test("a frame of exactly 0 or 1 counts as 0.001 or 0.999", () => {
    expect(meanAuthenticity([0])).toBeCloseTo(0.001, 12);
    expect(meanAuthenticity([1])).toBeCloseTo(0.999, 12);
    expect(meanAuthenticity([0, 1])).toBeCloseTo(0.5, 12);
  });

  test("it lies between the lowest and the highest frame, and is symmetric", () => {
    const authenticity = fc.double({ min: 0.001, max: 0.999, noNaN: true });
    fc.assert(
      fc.property(fc.array(authenticity, { minLength: 1, maxLength: 40 }), (all) => {
        const mean = meanAuthenticity(all)!;
        expect(mean).toBeGreaterThanOrEqual(Math.min(...all) - 1e-9);
        expect(mean).toBeLessThanOrEqual(Math.max(...all) + 1e-9);
        expect(meanAuthenticity(all.map((a) => 1 - a))).toBeCloseTo(1 - mean, 9);
      }),
    );
  });
});

describe("judge", () => {
  test("a video below the lower threshold is forged, above the upper one authentic, else inconclusive", () => {
    expect(verdictOf(video(times(8, [face(0, 0.39)])))).toMatchObject({ verdict: "forged", reason: null });
    expect(verdictOf(video(times(8, [face(0, 0.61)])))).toMatchObject({ verdict: "authentic", reason: null });
    expect(verdictOf(video(times(8, [face(0, 0.5)])))).toMatchObject({
      verdict: "inconclusive",
      reason: "near-threshold",
    });
  });

  test("a video is as forged as its most forged face that lasts", () => {
    const judged = verdictOf(video(times(8, [face(0, 0.95), face(1, 0.05)])));
    expect(judged).toMatchObject({ verdict: "forged", decidingTrack: 2 });
    expect(judged.authenticity).toBeCloseTo(0.05, 9);
  });

  test("a forged-looking face of two frames does not decide about a video", () => {
    const frames = video([...times(2, [face(0, 0.95), face(1, 0.01)]), ...times(6, [face(0, 0.95)])]);
    const judged = verdictOf(frames);
    expect(judged).toMatchObject({ verdict: "authentic", decidingTrack: 1 });
    expect(judged.tracks[1]).toMatchObject({ id: 2, frames: 2, framesScored: 2, lasts: false });
  });

  test("a forged-looking face of three frames does", () => {
    const frames = video([...times(3, [face(0, 0.95), face(1, 0.01)]), ...times(6, [face(0, 0.95)])]);
    expect(verdictOf(frames)).toMatchObject({ verdict: "forged", decidingTrack: 2 });
  });

  test("a video with two scored frames is inconclusive, with an authenticity to look at", () => {
    const judged = verdictOf(video(times(2, [face(0, 0.05)])));
    expect(judged).toMatchObject({ verdict: "inconclusive", reason: "too-few-frames", decidingTrack: 1 });
    expect(judged.authenticity).toBeCloseTo(0.05, 9);
  });

  test("a video that is compressed so strongly that traces are gone is not called authentic", () => {
    const frames = (authenticity: number) => video(times(8, [face(0, authenticity)]));
    const strongly = { bitsPerPixel: 0.012 };
    const judged = verdictOf(frames(0.9), "video", strongly);
    expect(judged).toMatchObject({ verdict: "inconclusive", reason: "too-compressed", decidingTrack: 1 });
    expect(judged.authenticity).toBeCloseTo(0.9, 9);
    expect(verdictOf(frames(0.1), "video", strongly)).toMatchObject({ verdict: "forged", reason: null });
    expect(verdictOf(frames(0.5), "video", strongly).reason).toBe("near-threshold");
    for (const info of [{ bitsPerPixel: 0.013 }, { bitsPerPixel: null }, { ...strongly, codec: "hevc" }])
      expect(verdictOf(frames(0.9), "video", info)).toMatchObject({ verdict: "authentic", reason: null });
    expect(verdictOf(frames(0.9), "video", { codec: "av1", bitsPerPixel: 0.006 }).reason).toBe(
      "too-compressed",
    );
    expect(verdictOf([frames(0.9)[0]!], "image", strongly).verdict).toBe("authentic");
  });

  test("an image is judged by its one frame", () => {
    expect(verdictOf(video([[face(0, 0.05)]]), "image")).toMatchObject({ verdict: "forged", reason: null });
  });

  test("no face is inconclusive with no authenticity, never 0.5", () => {
    expect(verdictOf(video(times(4, [])))).toEqual({
      verdict: "inconclusive",
      reason: "no-face",
      authenticity: null,
      decidingTrack: null,
      tracks: [],
      threshold: thresholds,
    });
  });

  test("faces that are all too small are inconclusive for that reason", () => {
    const judged = verdictOf(video(times(4, [face(0, null)])));
    expect(judged).toMatchObject({ verdict: "inconclusive", reason: "face-too-small", authenticity: null });
    expect(judged.tracks[0]).toMatchObject({ frames: 4, framesScored: 0, lasts: false, authenticity: null });
  });

  test("frames that all failed are inconclusive for that reason, and so are no frames", () => {
    expect(verdictOf(video(times(4, "failed")))).toMatchObject({
      reason: "frames-failed",
      authenticity: null,
    });
    expect(verdictOf([])).toMatchObject({ verdict: "inconclusive", reason: "frames-failed" });
  });

  test("an authenticity that is not a number counts as not scored and reaches no field", () => {
    const frames = video([...times(3, [face(0, Number.NaN)]), ...times(3, [face(0, 0.9)])]);
    const judged = verdictOf(frames);
    expect(judged.authenticity).toBeCloseTo(0.9, 9);
    const described = describeFrames(frames, linkTracks(frames), 0, { notAnalyzed: [], parts: [] });
    expect(described.frames[0]).toMatchObject({
      authenticity: null,
      faces: [{ authenticity: null, unscored: "not-finite" }],
    });
    expect(verdictOf(video(times(4, [face(0, Number.NaN)])))).toMatchObject({ reason: "frames-failed" });
  });

  test("raising one frame's authenticity never turns an authentic video forged", () => {
    const authenticity = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(authenticity, { minLength: 3, maxLength: 12 }),
        fc.nat(),
        authenticity,
        (all, at, up) => {
          const raised = all.map((a, i) => (i === at % all.length ? Math.max(a, up) : a));
          const before = verdictOf(video(all.map((a) => [face(0, a)]))).authenticity!;
          const after = verdictOf(video(raised.map((a) => [face(0, a)]))).authenticity!;
          expect(after).toBeGreaterThanOrEqual(before - 1e-12);
        },
      ),
    );
  });
});

describe("describeFrames", () => {
  test("coverage counts what was sampled, seen, scored and failed", () => {
    const frames = video([[face(0, 0.9), face(1, 0.2)], [face(0, null)], [], "failed"]);
    const described = describeFrames(frames, linkTracks(frames), 2, { notAnalyzed: [], parts: [] });
    expect(described.coverage).toEqual({
      framesSampled: 6,
      framesWithFace: 2,
      framesScored: 1,
      framesFailed: 3,
      notAnalyzed: [],
      parts: [],
    });
    expect(described.frames[0]).toEqual({
      index: 0,
      timeSec: 0,
      authenticity: 0.2,
      error: null,
      faces: [
        { track: 1, box: [0, 100, 100, 100], authenticity: 0.9, unscored: null },
        { track: 2, box: [300, 100, 100, 100], authenticity: 0.2, unscored: null },
      ],
    });
    expect(described.frames[3]).toMatchObject({
      authenticity: null,
      error: "The frame could not be scored.",
    });
  });
});

describe("a crowd", () => {
  const crowd = (n: number, lowest: number) =>
    verdictOf(video([[...times(n - 1, 0).map((_, i) => face(i + 1, 0.9)), face(0, lowest)]]), "image");

  test("is not called forged by the lowest of many authentic faces, as few faces are", () => {
    expect(crowd(3, 0.3)).toMatchObject({ verdict: "forged", threshold: { forgedBelow: 0.4 } });
    expect(crowd(49, 0.3)).toMatchObject({ verdict: "inconclusive", reason: "near-threshold" });
  });

  test("is called forged by a face that is surely forged, however many there are", () => {
    expect(crowd(200, 0)).toMatchObject({ verdict: "forged" });
  });

  test("has as many false alarms a file as a few faces have, where scores are calibrated", () => {
    // Of calibrated scores, those of authentic faces have the density 2a.
    const alarms = (n: number) => {
      const { forgedBelow } = thresholdsForFaces({ ...thresholds, forgedBelow: 0.1 }, n);
      return 1 - (1 - forgedBelow ** 2) ** n;
    };
    for (const n of [4, 10, 49, 200]) expect(alarms(n)).toBeLessThanOrEqual(alarms(3));
  });
});

describe("decideParts", () => {
  const part = (authenticity: number) => verdictOf(video(times(8, [face(0, authenticity)])));
  const empty = verdictOf(video(times(8, [])));

  test("a file is forged where one part is, and authentic where no part with a face is in doubt", () => {
    expect(decideParts([part(0.9), part(0.1)])).toMatchObject({ verdict: "forged", part: 1 });
    expect(decideParts([part(0.9), part(0.5)])).toMatchObject({ reason: "near-threshold", part: 1 });
    expect(decideParts([part(0.9), empty])).toMatchObject({ verdict: "authentic", part: 0 });
    expect(decideParts([empty, part(0.9)])).toMatchObject({ verdict: "authentic", part: 1 });
    expect(decideParts([empty, empty])).toMatchObject({ verdict: "inconclusive", reason: "no-face" });
  });

  test("what was not looked at keeps a file from authentic, and nothing else", () => {
    const missed = [{ what: "video-track", count: 1, seconds: 4 }] as const;
    expect(withCoverage(part(0.9), missed)).toMatchObject({
      verdict: "inconclusive",
      reason: "not-fully-analyzed",
    });
    expect(withCoverage(part(0.1), missed)).toMatchObject({ verdict: "forged" });
    expect(withCoverage(part(0.9), [])).toMatchObject({ verdict: "authentic" });
  });
});

describe("what a file says of itself", () => {
  const verdicts = ["authentic", "forged", "inconclusive"] as const;
  const judged = (verdict: (typeof verdicts)[number]) => ({ verdict, reason: null });
  const says = (
    declares: "generated" | "edited-with-generative-ai" | "captured" | null,
    signed: boolean,
  ) => ({
    ...{ declares, signed },
  });

  test.each(["generated", "edited-with-generative-ai"] as const)("signed as %s it is forged", (declares) => {
    for (const verdict of verdicts) {
      expect(withProvenance(judged(verdict), says(declares, true))).toEqual({
        ...{ verdict: "forged", reason: "declared" },
      });
    }
  });

  test.each(["generated", "edited-with-generative-ai"] as const)(
    "unsigned as %s it is not authentic",
    (declares) => {
      const outcome = (verdict: (typeof verdicts)[number]) =>
        withProvenance(judged(verdict), says(declares, false));
      expect(outcome("authentic")).toEqual({ verdict: "inconclusive", reason: "contradicted" });
      expect(outcome("forged")).toEqual(judged("forged"));
      expect(outcome("inconclusive")).toEqual(judged("inconclusive"));
    },
  );

  test("nothing else changes a verdict", () => {
    for (const verdict of verdicts) {
      for (const provenance of [null, says(null, false), says("captured", true), says("captured", false)]) {
        expect(withProvenance(judged(verdict), provenance)).toEqual(judged(verdict));
      }
    }
  });
});
