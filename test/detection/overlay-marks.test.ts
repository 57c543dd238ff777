import { describe, expect, test } from "vitest";
import type { FrameDetection } from "../../src/detection/detection.ts";
import { OverlayCanvas } from "../../src/detection/overlay-canvas.ts";
import { MarkTimeline } from "../../src/detection/overlay-marks.ts";
import { sampleDetection } from "../report/sample.ts";

function seen(index: number, timeSec: number, x: number, authenticity: number | null): FrameDetection {
  const face = { track: 1, box: [x, 0, 10, 10] as const, authenticity, unscored: null };
  return { index, timeSec, authenticity, faces: [face], error: null };
}

const timeline = new MarkTimeline(
  sampleDetection({ frames: [seen(0, 1, 0, 0.2), seen(1, 2, 100, 0.8), seen(2, 5, 0, 0.5)] }),
);

describe("the marks of an overlay", () => {
  test("go in a straight line between two frames within a second, with the nearer one's authenticity", () => {
    expect(timeline.at(1.25)).toEqual([{ track: 1, box: [25, 0, 10, 10], authenticity: 0.2, heat: null }]);
    expect(timeline.at(1.75)).toEqual([{ track: 1, box: [75, 0, 10, 10], authenticity: 0.8, heat: null }]);
  });

  test("have a heat map that goes from one frame's to the other's", () => {
    const square = (centreX: number) => ({ centreX, centreY: 5, side: 13 });
    const evidence = (index: number, centreX: number, fake: number) => ({
      ...{ index, width: 200, height: 100, thumbnail: new Uint8Array() },
      faces: [
        {
          square: square(centreX),
          crop: new Uint8Array(),
          heat: { width: 2, height: 1, fake: Float32Array.of(fake, 0.5) },
        },
      ],
    });
    const frames = [seen(0, 1, 0, 0.2), seen(1, 2, 100, 0.8)];
    const marks = new MarkTimeline(
      sampleDetection({ frames, evidence: [evidence(0, 5, 0), evidence(1, 105, 1)] }),
    );
    const heatAt = (timeSec: number) => marks.at(timeSec)[0]!.heat!;
    expect([...heatAt(1).map.fake]).toEqual([0, 0.5]);
    expect(heatAt(1.75)).toEqual({
      map: { width: 2, height: 1, fake: Float32Array.of(0.75, 0.5) },
      square: square(80),
    });
  });

  test("stay half a second around a frame that has no neighbour", () => {
    expect(timeline.at(2.2).map(({ box }) => box[0])).toEqual([100]);
    expect(timeline.at(3.5)).toEqual([]);
    expect(timeline.at(4.8).map(({ box }) => box[0])).toEqual([0]);
    expect(timeline.at(5.3)).toEqual([]);
    expect(timeline.at(0.8)).toHaveLength(1);
    expect(timeline.at(0.7)).toEqual([]);
  });
});

describe("an overlay canvas", () => {
  test("cuts off what reaches past its edge", () => {
    const canvas = new OverlayCanvas({ width: 4, height: 3 });
    canvas.fill(-5, 1, 7, 9, [1, 2, 3]);
    const alpha = Array.from({ length: 12 }, (_, i) => canvas.data[4 * i + 3]);
    expect(alpha).toEqual([0, 0, 0, 0, 255, 255, 0, 0, 255, 255, 0, 0]);
    expect([...canvas.data.subarray(16, 20)]).toEqual([1, 2, 3, 255]);
  });

  test("draws digits without a font, inside the box where there is no room above", () => {
    const canvas = new OverlayCanvas({ width: 60, height: 40 });
    canvas.drawLabel("1:0.42", [2, 3, 20, 20], [9, 9, 9]);
    const isWhite = (i: number) => canvas.data[4 * i] === 255;
    const rows = Array.from({ length: 40 }, (_, y) =>
      Array.from({ length: 60 }, (_, x) => isWhite(y * 60 + x)).some(Boolean),
    );
    expect([rows.indexOf(true), rows.lastIndexOf(true)]).toEqual([5, 14]);
  });
});
