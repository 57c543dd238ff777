import { linkTracks } from "../faces/tracks.ts";
import type { FrameObservation } from "../faces/types.ts";
import type { MediaInfo } from "../media/index.ts";
import { asJpeg, type FrameChange, scaledBy, withH264Copy } from "./changes.ts";
import type { Stability, StabilityTrial, Thresholds, Verdict } from "./detection.ts";
import { type Judgement, judge } from "./verdict.ts";

/** JPEG 40 and CRF 35 are about the worst that messengers and re-uploads do; half size is what a preview has. */
const JPEG_QUALITY = 40;
const H264_CRF = 35;

/** Scores the frames of a file, each changed first. */
export type ObserveChanged = (info: MediaInfo, change: FrameChange) => Promise<readonly FrameObservation[]>;

export interface StabilityCall {
  readonly info: MediaInfo;
  readonly thresholds: Thresholds;
  /** The judgement on the file as it is. */
  readonly judgement: Judgement;
  readonly observe: ObserveChanged;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Judges the file again as JPEG 40, at half size and as H.264 CRF 35.
 *
 * A trial flips when `forged` becomes `authentic` or the other way round; a trial that ends `inconclusive` says
 * less than the file itself did, and contradicts nothing.
 *
 * @throws TelltaleError `ABORTED`; whatever else a trial fails with is its `error`
 */
export async function measureStability(call: StabilityCall): Promise<Stability> {
  const { verdict, reason, authenticity } = call.judgement;
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
  { info, thresholds, judgement, signal }: StabilityCall,
  observe: () => Promise<readonly FrameObservation[]>,
): Promise<StabilityTrial> {
  try {
    const frames = await observe();
    const { verdict, reason, authenticity } = judge({
      // The file's own compression counts; that of a trial is what is tried.
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
      flips: isOpposite(judgement.verdict, verdict),
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
