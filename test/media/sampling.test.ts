import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { answeredCount, planSampling, selectExpression, wantedSec } from "../../src/media/sampling.ts";

describe("planSampling", () => {
  it("asks for the frames on the screen at the mid-points of equal intervals", () => {
    const plan = planSampling({ startSec: 0, durationSec: 8, fps: 25 }, { frames: 4 });
    expect([0, 1, 2, 3].map((i) => wantedSec(plan, i) + 0.04)).toEqual([1, 3, 5, 7]);
    expect(plan.count).toBe(4);
  });

  it("starts with the first frame where intervals are shorter than frames", () => {
    expect(planSampling({ startSec: 0.5, durationSec: 1, fps: 5 }, { frames: 32 })).toEqual({
      originSec: 0.5,
      stepSec: 1 / 32,
      count: 32,
      pauses: [],
    });
  });

  it("is 32 frames where nothing is said", () => {
    expect(planSampling({ startSec: 0, durationSec: 8, fps: 25 }, {}).count).toBe(32);
  });

  it("asks for a fixed rate with fps, to the end where that is unknown", () => {
    expect(planSampling({ startSec: 0, durationSec: 3, fps: 25 }, { fps: 2 })).toEqual({
      originSec: 0,
      stepSec: 0.5,
      count: 6,
      pauses: [],
    });
    expect(planSampling({ startSec: 0, durationSec: null, fps: 25 }, { fps: 2 }).count).toBeNull();
  });

  it("wants times inside the video, in order, whatever the length", () => {
    const span = fc.record({
      startSec: fc.double({ min: 0, max: 100, noNaN: true }),
      durationSec: fc.double({ min: 1, max: 1e5, noNaN: true }),
      fps: fc.constantFrom(null, 5, 23.976, 25, 60),
    });
    fc.assert(
      fc.property(span, fc.integer({ min: 1, max: 500 }), (video, frames) => {
        const plan = planSampling(video, { frames });
        expect(wantedSec(plan, 0)).toBeGreaterThanOrEqual(video.startSec);
        expect(wantedSec(plan, frames - 1)).toBeLessThanOrEqual(video.startSec + video.durationSec);
        for (let i = 0; i < frames; i += 50) expect(answeredCount(plan, wantedSec(plan, i))).toBe(i + 1);
      }),
    );
  });
});

describe("a pause", () => {
  it("counts no longer than its share, so that the frames around it are looked at", () => {
    const pauses = [{ startSec: 2, excessSec: 100 }];
    const plan = planSampling({ startSec: 0, durationSec: 108, fps: 25, pauses }, { frames: 4 });
    const wanted = [0, 1, 2, 3].map((i) => wantedSec(plan, i) + 0.04);
    expect(wanted.map((sec) => Math.round(sec))).toEqual([1, 103, 105, 107]);
    expect(wanted.map((sec) => answeredCount(plan, sec))).toEqual([1, 2, 3, 4]);
  });
});

describe("selectExpression", () => {
  it("counts wanted times from the start of the file", () => {
    const plan = { originSec: 1, stepSec: 2, count: 4, pauses: [] };
    expect(selectExpression(plan)).toBe(
      "if(isnan(prev_selected_t),gte(floor((t-0.999400000)/2.000000000),0),gt(floor((t-0.999400000)/2.000000000),floor((prev_selected_t-0.999400000)/2.000000000)))",
    );
  });
});
