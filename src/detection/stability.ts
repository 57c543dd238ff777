import { linkTracks } from "../faces/tracks.ts";
import type { FrameObservation } from "../faces/types.ts";
import type { MediaInfo } from "../media/index.ts";
import type { Stability, StabilityTrial, Thresholds, Verdict } from "../types/detection.ts";
import { asJpeg, type FramePerturbation, scaledBy, withH264Copy } from "./perturbations.ts";
import { type Decision, decide } from "./verdict.ts";

/** About the strongest compression by messengers and re-uploads. */
const JPEG_QUALITY = 40;
const H264_CRF = 35;

/** Scores the perturbed frames of a file. */
export type ObservePerturbed = (
  info: MediaInfo,
  change: FramePerturbation,
) => Promise<readonly FrameObservation[]>;

export interface StabilityCall {
  readonly info: MediaInfo;
  readonly thresholds: Thresholds;
  /** The decision on the original file. */
  readonly decision: Decision;
  readonly observe: ObservePerturbed;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Repeats the detection with the file as JPEG 40, at half size and as H.264 CRF 35.
 *
 * A trial flips if `forged` becomes `authentic` or vice versa; `inconclusive` is not a flip.
 *
 * @throws TelltaleError `ABORTED`; any other failure is recorded as the `error` of the trial
 */
export async function measureStability(call: StabilityCall): Promise<Stability> {
  const { verdict, reason, authenticity } = call.decision;
  const trials = [
    await attempt("jpeg-40", call, () => call.observe(call.info, asJpeg(JPEG_QUALITY))),
    await attempt("half-size", call, () => call.observe(call.info, scaledBy(0.5))),
    await attempt("h264-crf-35", call, () =>
      withH264Copy(call.info, { crf: H264_CRF, signal: call.signal }, (copy) =>
        call.observe(copy, async (frame) => frame),
      ),
    ),
  ];
  return { asIs: { verdict, reason, authenticity }, trials };
}

async function attempt(
  name: StabilityTrial["name"],
  { info, thresholds, decision, signal }: StabilityCall,
  observe: () => Promise<readonly FrameObservation[]>,
): Promise<StabilityTrial> {
  try {
    const frames = await observe();
    const { verdict, reason, authenticity } = decide({
      // With the compression of the original file, not that of the trial.
      info,
      frames,
      tracks: linkTracks(frames),
      thresholds,
    });
    return {
      name,
      verdict,
      reason,
      authenticity,
      flips: isOpposite(decision.verdict, verdict),
      error: null,
    };
  } catch (error) {
    if (signal?.aborted) throw error;
    const message = error instanceof Error ? error.message : String(error);
    return { name, verdict: null, reason: null, authenticity: null, flips: false, error: message };
  }
}

/** Whether one verdict is `forged` and the other `authentic`. */
export function isOpposite(a: Verdict, b: Verdict): boolean {
  return a !== b && a !== "inconclusive" && b !== "inconclusive";
}
