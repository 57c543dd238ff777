import type { SamplingPlan } from "./sampling.ts";
import type { MediaInfo } from "./types.ts";

/** Containers with an index, where a seek lands on a keyframe and not near some byte. */
const indexedContainers = /\b(mov|matroska|avi|mxf)\b/;

/**
 * Whether to seek to each wanted frame (one short ffmpeg each) or to decode the file once from its start.
 *
 * A seek costs the start of a process and half a keyframe interval of decoding; the rule weighs that against the
 * frames that lie between two wanted ones.
 */
export function shouldSeek(info: MediaInfo, plan: SamplingPlan): boolean {
  if (plan.count === null || info.durationSec === null || !info.fps) return false;
  if (!indexedContainers.test(info.container) || !isSeekReliable(info)) return false;
  return plan.stepSec * info.fps > minFramesBetween;
}

/** Measured: see the docstring of {@link shouldSeek}. */
const minFramesBetween = 250;

// Old x264 wrote faulty High 4:4:4 streams. libavcodec works round the fault when it knows the encoder, from a note
// that only the first frame carries: after a seek it decodes them to garbage.
function isSeekReliable(info: MediaInfo): boolean {
  return !(info.codec === "h264" && /444|gbr/.test(info.pixelFormat ?? ""));
}
