import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { linkTracks } from "../faces/tracks.ts";
import type { FrameObservation } from "../faces/types.ts";
import {
  decodeImage,
  encodeJpeg,
  type Frame,
  type MediaInfo,
  probe,
  recompress,
  resizePicture,
} from "../media/index.ts";
import type { Stability, StabilityTrial, Thresholds } from "./detection.ts";
import { type Judgement, judge } from "./verdict.ts";

/** JPEG 40 and CRF 35 are about the worst that messengers and re-uploads do; half size is what a preview has. */
const JPEG_QUALITY = 40;
const H264_CRF = 35;

/** Scores the frames of a file, each changed first. */
export type ObserveChanged = (
  info: MediaInfo,
  change: (frame: Frame) => Promise<Frame>,
) => Promise<readonly FrameObservation[]>;

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
    await attempt("jpeg-40", call, () => call.observe(call.info, asJpeg)),
    await attempt("half-size", call, () => call.observe(call.info, atHalfSize)),
    await attempt("h264-crf-35", call, () => asH264(call)),
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
      kind: info.kind,
      frames,
      tracks: linkTracks(frames),
      thresholds,
    });
    const isOpposite = verdict !== "inconclusive" && judgement.verdict !== "inconclusive";
    return {
      name,
      verdict,
      reason,
      authenticity,
      flips: isOpposite && verdict !== judgement.verdict,
      error: null,
    };
  } catch (error) {
    if (signal?.aborted) throw error;
    const message = error instanceof Error ? error.message : String(error);
    return { name, verdict: null, reason: null, authenticity: null, flips: false, error: message };
  }
}

async function asJpeg(frame: Frame): Promise<Frame> {
  const { data } = await decodeImage(Buffer.from(await encodeJpeg(frame, { quality: JPEG_QUALITY })));
  return { ...frame, data };
}

async function atHalfSize(frame: Frame): Promise<Frame> {
  const half = (side: number) => Math.max(1, Math.round(side / 2));
  const picture = await resizePicture(frame, { width: half(frame.width), height: half(frame.height) });
  return { ...frame, ...picture };
}

async function asH264({ info, observe, signal }: StabilityCall): Promise<readonly FrameObservation[]> {
  const folder = await mkdtemp(join(tmpdir(), "telltale-"));
  try {
    const path = join(folder, "recompressed.mp4");
    await recompress(info, path, { crf: H264_CRF, signal });
    const recompressed = await probe(path, signal ? { signal } : {});
    return await observe(recompressed, async (frame) => frame);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
