import { TelltaleError } from "../errors.ts";
import type { Pause } from "./packet-scan.ts";
import type { FrameOptions } from "./types.ts";

/**
 * Times at which frames are wanted: `originSec + i * stepSec`, with the excess of pauses taken out; the first frame
 * not before it answers each.
 */
export interface SamplingPlan {
  readonly originSec: number;
  readonly stepSec: number;
  /** How many; null: to the end, which is not known. */
  readonly count: number | null;
  /** In order, in seconds from the start of the file. */
  readonly pauses: readonly Pause[];
}

/** A frame this little before the wanted time still answers it: containers round timestamps, MKV to 1 ms. */
export const toleranceSec = 0.0006;

const defaultFrames = 32;

/**
 * Spreads the wanted frames over the video.
 *
 * @param span `startSec` of the first frame, `durationSec` of the video stream (null where unknown: only with fps)
 * and its frame rate `fps`, null where unknown
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
  // Mid-points of equal intervals: never the black first frame nor the end credits' last one. A frame's duration
  // earlier, since the frame on the screen at the mid-point has begun before it.
  const aheadSec = Math.max(0, stepSec / 2 - (span.fps ? 1 / span.fps : 0));
  return { originSec: startSec + aheadSec, stepSec, count, pauses };
}

/** The i-th wanted time, in seconds. */
export function wantedSec(plan: SamplingPlan, i: number): number {
  let timeSec = plan.originSec + i * plan.stepSec;
  for (const { startSec, excessSec } of plan.pauses) if (timeSec > startSec) timeSec += excessSec;
  return timeSec;
}

/** A time with the excess of all pauses before it taken out. */
function countedSec(plan: SamplingPlan, timeSec: number): number {
  return plan.pauses.reduce(
    (sum, { startSec, excessSec }) => sum - Math.min(excessSec, Math.max(0, timeSec - startSec)),
    timeSec,
  );
}

/** How many wanted times a frame shown at `timeSec` and all before it have answered. */
export function answeredCount(plan: SamplingPlan, timeSec: number): number {
  const sec = countedSec(plan, timeSec);
  return Math.max(0, Math.floor((sec + toleranceSec - plan.originSec) / plan.stepSec) + 1);
}

/**
 * The same rule for ffmpeg's `select` filter: a frame passes when wanted times lie between the last one that passed
 * and itself. Works on timestamps from the start of the file, so that a variable frame rate is sampled evenly in time.
 *
 * Where the picture changes its size, ffmpeg builds its filters anew and lets one frame too many through.
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

/** @throws TelltaleError USAGE, one sentence a wrong option. */
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
