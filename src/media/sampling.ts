import { TelltaleError } from "../errors.ts";
import type { Pause } from "./packet-scan.ts";
import type { FrameOptions } from "./types.ts";

/**
 * Sample times: `originSec + i * stepSec`, skipping the excess of pauses. The first frame at or after a sample time is used.
 */
export interface SamplingPlan {
  readonly originSec: number;
  readonly stepSec: number;
  /** Number of samples; null if the duration is unknown. */
  readonly count: number | null;
  /** In order; seconds from the start of the file. */
  readonly pauses: readonly Pause[];
}

/** Tolerance for frames slightly before a sample time, because containers round timestamps (MKV: 1 ms). */
export const toleranceSec = 0.0006;

const defaultFrames = 32;

/**
 * Spreads the samples over the video.
 *
 * @param span start of the first frame, duration of the stream (null if unknown, only with `options.fps`), and frame rate (null if
 *   unknown)
 * @throws TelltaleError USAGE on options out of range.
 */
export function planSampling(
  span: {
    readonly startSec: number;
    readonly durationSec: number | null;
    readonly fps: number | null;
    readonly pauses?: readonly Pause[];
  },
  options: Pick<FrameOptions, "frames" | "fps">,
): SamplingPlan {
  const { startSec } = span;
  const pauses = (span.pauses ?? []).map((pause) => ({ ...pause, startSec: startSec + pause.startSec }));
  const excessSec = pauses.reduce((sum, pause) => sum + pause.excessSec, 0);
  const durationSec = span.durationSec === null ? null : span.durationSec - excessSec;
  if (options.fps !== undefined) {
    const stepSec = 1 / options.fps;
    const count =
      durationSec === null ? null : Math.max(1, Math.ceil((durationSec - toleranceSec) / stepSec));
    return { originSec: startSec, stepSec, count, pauses };
  }
  const count = options.frames ?? defaultFrames;
  if (durationSec === null) throw new RangeError("a number of frames needs a known duration");
  const stepSec = durationSec / count;
  // Mid-points of equal intervals, which avoids the first and the last frame. One frame duration earlier, because the frame that
  // is visible at the mid-point starts before it.
  const aheadSec = Math.max(0, stepSec / 2 - (span.fps ? 1 / span.fps : 0));
  return { originSec: startSec + aheadSec, stepSec, count, pauses };
}

/** The i-th sample time, in seconds. */
export function wantedSec(plan: SamplingPlan, i: number): number {
  let timeSec = plan.originSec + i * plan.stepSec;
  for (const { startSec, excessSec } of plan.pauses) if (timeSec > startSec) timeSec += excessSec;
  return timeSec;
}

/** A time without the excess of earlier pauses. */
function countedSec(plan: SamplingPlan, timeSec: number): number {
  return plan.pauses.reduce(
    (sum, { startSec, excessSec }) => sum - Math.min(excessSec, Math.max(0, timeSec - startSec)),
    timeSec,
  );
}

/** Number of sample times up to a frame at `timeSec`. */
export function answeredCount(plan: SamplingPlan, timeSec: number): number {
  const sec = countedSec(plan, timeSec);
  return Math.max(0, Math.floor((sec + toleranceSec - plan.originSec) / plan.stepSec) + 1);
}

/**
 * The same rule as an expression of the `select` filter: a frame passes if a sample time lies between the last passed frame and
 * itself. It uses timestamps, so a variable frame rate is sampled evenly in time.
 *
 * After a change of the picture size, ffmpeg rebuilds its filters and passes one extra frame.
 */
export function selectExpression(plan: SamplingPlan): string {
  const counted = (time: string) =>
    plan.pauses.reduce(
      (sum, { startSec, excessSec }) =>
        `${sum}-clip(${time}-${startSec.toFixed(6)},0,${excessSec.toFixed(6)})`,
      time,
    );
  const answered = (time: string) =>
    `floor((${counted(time)}-${(plan.originSec - toleranceSec).toFixed(9)})/${plan.stepSec.toFixed(9)})`;
  return `if(isnan(prev_selected_t),gte(${answered("t")},0),gt(${answered("t")},${answered("prev_selected_t")}))`;
}

/** @throws TelltaleError USAGE names the invalid option. */
export function checkFrameOptions(options: FrameOptions): void {
  const { frames, fps, maxSidePx, timeoutMs } = options;
  if (frames !== undefined && fps !== undefined) {
    throw new TelltaleError("USAGE", "Expected either frames or fps but received both: leave one out.");
  }
  if (frames !== undefined) checkRange("frames", frames, { min: 1, max: 100_000, isWhole: true });
  if (fps !== undefined) checkRange("fps", fps, { min: 0, max: 240, isWhole: false });
  if (maxSidePx !== undefined) checkRange("maxSidePx", maxSidePx, { min: 16, max: 16_384, isWhole: true });
  if (timeoutMs !== undefined)
    checkRange("timeoutMs", timeoutMs, { min: 1, max: 2 ** 31 - 1, isWhole: true });
}

function checkRange(
  name: string,
  value: number,
  range: { min: number; max: number; isWhole: boolean },
): void {
  const { min, max, isWhole } = range;
  const isInside = (isWhole ? Number.isInteger(value) && value >= min : value > min) && value <= max;
  if (isInside) return;
  const expected = isWhole
    ? `a whole number from ${min} to ${max}`
    : `a number above ${min} and at most ${max}`;
  throw new TelltaleError("USAGE", `Expected ${expected} for ${name} but received ${value}.`);
}
