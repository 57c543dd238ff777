import type { FfmpegLocation } from "./locate-ffmpeg.ts";
import type { SamplingPlan } from "./sampling.ts";
import type { FrameOptions, MediaInfo, NotAnalyzed } from "./types.ts";

/** Results of decoding besides the frames, filled while a stream is read. */
export interface DecodeStats {
  framesExpected: number | null;
  framesFailed: number;
  readonly notAnalyzed: NotAnalyzed[];
  readonly warnings: string[];
}

/** Input of a decoding strategy. */
export interface DecodeJob {
  readonly info: MediaInfo;
  readonly options: FrameOptions;
  readonly plan: SamplingPlan;
  readonly location: FfmpegLocation;
  readonly stats: DecodeStats;
}

/** A decoder without output for this long is considered hung. Long enough for a busy machine with a slow disk. */
export const defaultTimeoutMs = 30_000;

/** Default long side of a frame: full HD is unchanged, 4K is halved. */
export const defaultMaxSidePx = 1920;

/** Warning about a file with decoding errors. */
export function damageWarning(damage: {
  readonly path: string;
  readonly failed: number;
  readonly wanted: number | null;
  readonly error: string;
}): string {
  const { path, failed, wanted, error } = damage;
  if (failed === 0) return `${path} has damaged parts (ffmpeg: ${error}): some frames may not look right.`;
  return `${failed} of ${wanted} wanted frames of ${path} could not be decoded (ffmpeg: ${error}).`;
}
