import type { SamplingPlan } from "./sampling.ts";
import type { MediaInfo } from "./types.ts";

/** Containers with an index, where a seek lands on a keyframe and not near some byte. */
const indexedContainers = /\b(mov|matroska|avi|mxf)\b/;

/**
 * Above this many frames between two wanted ones, seeking is the faster way. Measured on two cores with 32 wanted
 * frames of x264 video with a keyframe every 250: both ways take the same time at 110 frames of 1080p (12.7 s) and at
 * 230 of 360p (4.5 s); at 390 of 360p seeking takes 4.9 s instead of 7.4 s.
 */
const minFramesBetween = 150;

/**
 * Whether to seek to each wanted frame (one short ffmpeg each) or to decode the file once from its start.
 *
 * A seek costs the start of a process and half a keyframe interval of decoding; the rule weighs that against the
 * frames that lie between two wanted ones. Containers without an index, streams that decode to garbage after a seek
 * and files that hide their length are decoded forward.
 */
export function shouldSeek(info: MediaInfo, plan: SamplingPlan): boolean {
  if (plan.count === null || info.durationSec === null || !info.fps) return false;
  if (!indexedContainers.test(info.container) || !isSeekReliable(info)) return false;
  if (info.video?.hasJumps) return false;
  return plan.stepSec * info.fps > minFramesBetween;
}

// Old x264 wrote faulty High 4:4:4 streams. libavcodec works round the fault when it knows the encoder, from a note
// that only the first frame carries: after a seek it decodes them to garbage.
function isSeekReliable(info: MediaInfo): boolean {
  return !(info.codec === "h264" && /444|gbr/.test(info.pixelFormat ?? ""));
}
