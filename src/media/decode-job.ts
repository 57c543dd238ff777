import type { FfmpegLocation } from "./locate-ffmpeg.ts";
import type { SamplingPlan } from "./sampling.ts";
import type { FrameOptions, MediaInfo, NotAnalyzed } from "./types.ts";

/** What a stream learns while it is read. */
export interface DecodeStats {
  framesExpected: number | null;
  framesFailed: number;
  readonly notAnalyzed: NotAnalyzed[];
  readonly warnings: string[];
}

/** Everything that a decoding strategy needs to know. */
export interface DecodeJob {
  readonly info: MediaInfo;
  readonly options: FrameOptions;
  readonly plan: SamplingPlan;
  readonly location: FfmpegLocation;
  readonly stats: DecodeStats;
}

/** Silence of a decoder that counts as a hang: a busy machine with a slow disk still answers within it. */
export const defaultTimeoutMs = 30_000;

/** Long side of a frame where the caller does not say: full HD as it is, 4K halved. */
export const defaultMaxSidePx = 1920;

/** The sentence about a file whose decoder complained. */
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
