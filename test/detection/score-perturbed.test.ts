import { expect, test } from "vitest";
import { asJpeg, scaledTo } from "../../src/detection/perturbations.ts";
import { scorePerturbed } from "../../src/detection/score-perturbed.ts";
import type { FrameObservation } from "../../src/faces/types.ts";
import { type Frame, frames, type MediaInfo, probe } from "../../src/media/index.ts";
import { fixture } from "../cli/run-cli.ts";

const thresholds = { forgedBelow: 0.4, authenticAbove: 0.6, measuredFpr: null, measuredOn: null };

/** What was looked at: the width and height of each frame, each with a face that is plainly authentic. */
function observer(): { seen: string[]; observe: (frame: Frame) => Promise<FrameObservation> } {
  const seen: string[] = [];
  const thumbnail = new Uint8Array(192);
  const face = { box: [0, 0, 90, 90] as const, confidence: 1, authenticity: 0.9, unscored: null, thumbnail };
  return {
    seen,
    observe: async ({ index, timeSec, width, height }) => {
      seen.push(`${width} x ${height}`);
      return { index, timeSec, width, height, faces: [face], error: null };
    },
  };
}

test("frames are changed one by one, the file is cut out before it becomes H.264, and a failure stays alone", async () => {
  const info = await probe(fixture("odd-size-444.mp4"));
  const { seen, observe } = observer();
  const read: [size: string, filter: string | undefined][] = [];
  const copies = await scorePerturbed({
    info,
    perturbations: [
      { name: "jpeg", frame: asJpeg(50) },
      {
        name: "broken",
        frame: async () => {
          throw new Error("It broke.");
        },
      },
      { name: "larger", frame: scaledTo(400) },
      { name: "h264", crf: 35 },
    ],
    ...{ thresholds, filter: "crop=100:80:10:10", signal: undefined, concurrency: 2 },
    decode: (copy: MediaInfo, filter) => {
      read.push([`${copy.width} x ${copy.height}`, filter]);
      return frames(copy, { frames: 3, ...(filter === undefined ? {} : { filter }) });
    },
    observe,
  });
  expect(read).toEqual([
    ["321 x 241", "crop=100:80:10:10"],
    ["100 x 80", undefined],
  ]);
  expect(seen.sort()).toEqual([...Array(6).fill("100 x 80"), ...Array(3).fill("400 x 320")]);
  expect(copies.map(({ name, decision, error }) => [name, decision?.verdict ?? null, error])).toEqual([
    ["jpeg", "authentic", null],
    ["broken", null, "It broke."],
    ["larger", "authentic", null],
    ["h264", "authentic", null],
  ]);
});

test("a still image as H.264 stays a picture, which one frame decides", async () => {
  const { observe } = observer();
  const copies = await scorePerturbed({
    info: await probe(fixture("still.jpg")),
    perturbations: [{ name: "h264", crf: 40 }],
    ...{ thresholds, filter: undefined, signal: undefined, concurrency: 2, observe },
    decode: (copy) => frames(copy),
  });
  expect(copies[0]!.decision).toMatchObject({ verdict: "authentic", reason: null });
});

test("a copy that lost nearly all of its bits is not called authentic, that of a picture is", async () => {
  const verdictOn = async (name: string) => {
    const { observe } = observer();
    const [copy] = await scorePerturbed({
      ...{ info: await probe(fixture(name)), perturbations: [{ name: "h264", crf: 45 }] },
      ...{ thresholds, filter: undefined, signal: undefined, concurrency: 2, observe },
      decode: (copy: MediaInfo) => frames(copy, { frames: 3 }),
    });
    return [copy!.decision?.verdict, copy!.decision?.reason];
  };
  expect(await verdictOn("authentic.mp4")).toEqual(["inconclusive", "too-compressed"]);
  expect(await verdictOn("still.jpg")).toEqual(["authentic", null]);
});
