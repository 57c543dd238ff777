import { describe, expect, test } from "vitest";
import { OverlayCanvas } from "../../src/detection/overlay-canvas.ts";
import { LabelMaker } from "../../src/detection/overlay-labels.ts";
import { MarkTimeline } from "../../src/detection/overlay-marks.ts";
import type { FrameDetection } from "../../src/types/detection.ts";
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
    expect(Array.from(heatAt(1).map.fake)).toEqual([0, 0.5]);
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
  const grey = { width: 4, height: 3, data: new Uint8Array(48).fill(200) };
  const alphaAt = ({ width, data }: OverlayCanvas, x: number, y: number) => data[4 * (y * width + x) + 3]!;

  test("cuts off what reaches past its edge", () => {
    const canvas = new OverlayCanvas({ width: 4, height: 3 });
    canvas.drawSticker(grey, -2, 1);
    expect(Array.from({ length: 12 }, (_, i) => canvas.data[4 * i + 3])).toEqual([
      ...[0, 0, 0, 0],
      ...[200, 200, 0, 0],
      ...[200, 200, 0, 0],
    ]);
  });

  test("blends what lies over what is there", () => {
    const canvas = new OverlayCanvas({ width: 1, height: 1 });
    const half = (value: number) => ({ width: 1, height: 1, data: Uint8Array.of(value, value, value, 128) });
    canvas.drawSticker(half(0), 0, 0);
    canvas.drawSticker(half(255), 0, 0);
    const [red, , , alpha] = canvas.data;
    expect(alpha).toBeGreaterThan(185);
    expect(alpha).toBeLessThan(198);
    expect(red).toBeGreaterThan(150);
    expect(red).toBeLessThan(190);
  });

  test.each([
    ["above the box", [30, 40, 20, 20], [30, 34]],
    ["below it where there is no room above", [30, 4, 20, 20], [30, 28]],
    ["inside the picture at its right edge", [95, 40, 20, 20], [96, 34]],
    ["inside the picture where the box fills it", [-10, -10, 130, 90], [0, 0]],
  ] as const)("puts a label %s", (_, box, [x, y]) => {
    const canvas = new OverlayCanvas({ width: 100, height: 60 });
    const gap = 2 * canvas.stroke;
    canvas.drawLabel(grey, box);
    const top = y === 0 ? 0 : y < box[1] ? box[1] - gap - 3 : box[1] + 20 + gap;
    expect(alphaAt(canvas, x, Math.round(top))).toBe(200);
    const drawn = canvas.data.filter((value, i) => i % 4 === 3 && value > 0);
    expect(drawn).toHaveLength(12);
  });

  test("a label is text in a font that is drawn at any size", async () => {
    for (const sizePx of [12, 60]) {
      const one = await new LabelMaker(sizePx).label("Face 1  0.12", [255, 0, 0]);
      const two = await new LabelMaker(sizePx).label("Face 2  0.12", [255, 0, 0]);
      expect(one.height).toBeGreaterThan(1.5 * sizePx);
      expect(one.width).toBe(two.width);
      expect(one.data).not.toEqual(two.data);
      const white = one.data.filter((value, i) => i % 4 === 1 && value > 240).length;
      expect(white).toBeGreaterThan(sizePx * sizePx * 0.5);
    }
  });
});
