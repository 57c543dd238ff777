import type { Track } from "../faces/tracks.ts";
import type { FaceObservation, FrameObservation } from "../faces/types.ts";
import type { MediaInfo, NotAnalyzed } from "../media/index.ts";
import type { Provenance } from "../provenance/index.ts";
import { meanAuthenticity } from "../statistics/calibration.ts";
import { isTooCompressed } from "./compression.ts";
import { thresholdsOfCrowd } from "./crowd.ts";
import type { Reason, Stability, Thresholds, TrackDetection, Verdict } from "./detection.ts";

/**
 * Frames of a video in which a face must have been scored before it can decide: a face seen once or twice is often
 * a poster, a hand or a blur, and one odd frame must not call a video forged. A still image has one frame.
 */
const MIN_FRAMES_OF_A_VIDEO = 3;

export interface Judgement {
  readonly verdict: Verdict;
  readonly reason: Reason | null;
  readonly authenticity: number | null;
  readonly decidingTrack: number | null;
  readonly tracks: readonly TrackDetection[];
  /** The lines that were drawn: those of the model, or of a crowd. */
  readonly threshold: Thresholds;
}

export interface Evidence {
  /** What the frames are of. */
  readonly info: Pick<MediaInfo, "kind" | "codec" | "bitsPerPixel">;
  readonly frames: readonly FrameObservation[];
  readonly tracks: readonly Track[];
  readonly thresholds: Thresholds;
}

/**
 * The verdict on a file: it is as forged as its most forged track that lasts; see {@link thresholdsOfCrowd} for many.
 *
 * What looks authentic is not called so where compression leaves no trace of forgeries.
 *
 * Where no track of a video lasts, the longest ones give an authenticity to look at, and the verdict is
 * `inconclusive`. What is unknown is null with a reason.
 */
export function judge({ info, frames, tracks, thresholds }: Evidence): Judgement {
  const framesNeeded = info.kind === "image" ? 1 : MIN_FRAMES_OF_A_VIDEO;
  const judged = tracks.map((track) => judgeTrack(track, framesNeeded));
  const threshold = thresholdsOfCrowd(thresholds, judged.filter((track) => track.lasts).length);
  const unknown = (reason: Reason): Judgement => ({
    verdict: "inconclusive",
    reason,
    authenticity: null,
    decidingTrack: null,
    tracks: judged,
    threshold,
  });
  if (frames.every((frame) => frame.error !== null)) return unknown("frames-failed");
  if (tracks.length === 0) return unknown("no-face");

  const longest = Math.max(...judged.map((track) => track.framesScored));
  if (longest === 0) return unknown(hasSmallFace(frames) ? "face-too-small" : "frames-failed");
  const lasts = judged.some((track) => track.lasts);
  const deciding = mostForged(
    judged.filter((track) => (lasts ? track.lasts : track.framesScored === longest)),
  );
  const authenticity = deciding.authenticity!;
  const found = { authenticity, decidingTrack: deciding.id, tracks: judged, threshold };
  if (!lasts) return { verdict: "inconclusive", reason: "too-few-frames", ...found };
  if (authenticity < threshold.forgedBelow) return { verdict: "forged", reason: null, ...found };
  if (authenticity <= threshold.authenticAbove) {
    return { verdict: "inconclusive", reason: "near-threshold", ...found };
  }
  if (isTooCompressed(info)) return { verdict: "inconclusive", reason: "too-compressed", ...found };
  return { verdict: "authentic", reason: null, ...found };
}

/**
 * The judgement on a file from those on its parts: forged where one part is, authentic only where none that shows a face
 * is in doubt. What a part without a lasting face leaves open counts only where no other part has an answer.
 */
export function judgeParts(judgements: readonly Judgement[]): Judgement & { readonly part: number } {
  const rank = ({ verdict, reason }: Judgement) => {
    if (verdict === "forged") return 0;
    if (reason === "no-face" || reason === "too-few-frames") return 3;
    return verdict === "inconclusive" ? 1 : 2;
  };
  const part = [...judgements.keys()].sort(
    (a, b) =>
      rank(judgements[a]!) - rank(judgements[b]!) ||
      (judgements[a]!.authenticity ?? 1) - (judgements[b]!.authenticity ?? 1),
  )[0]!;
  return { ...judgements[part]!, tracks: judgements.flatMap(({ tracks }) => tracks), part };
}

/** The judgement on a file of which some was not looked at: it is not called authentic. */
export function withCoverage<One extends Judgement>(
  judgement: One,
  notAnalyzed: readonly NotAnalyzed[],
): One {
  if (judgement.verdict !== "authentic" || notAnalyzed.length === 0) return judgement;
  return { ...judgement, verdict: "inconclusive", reason: "not-fully-analyzed" };
}

/** The judgement on a file that was also tried degraded: a flip makes it `inconclusive`, whatever it was. */
export function withStability(judgement: Judgement, { trials }: Stability): Judgement {
  if (!trials.some((trial) => trial.flips)) return judgement;
  return { ...judgement, verdict: "inconclusive", reason: "unstable" };
}

/**
 * The judgement on a file that says something of its origin. A valid signature that declares generative AI makes it
 * `forged`; the same claim without one, which anybody can write, only keeps it from being `authentic`. Nothing that a
 * file says makes it `authentic`.
 */
export function withProvenance<One extends Pick<Judgement, "verdict" | "reason">>(
  judgement: One,
  provenance: Pick<Provenance, "declares" | "signed"> | null,
): One {
  const { declares, signed } = provenance ?? { declares: null, signed: false };
  if (declares !== "generated" && declares !== "edited-with-generative-ai") return judgement;
  if (signed) return { ...judgement, verdict: "forged", reason: "declared" };
  if (judgement.verdict !== "authentic") return judgement;
  return { ...judgement, verdict: "inconclusive", reason: "contradicted" };
}

function judgeTrack({ id, points }: Track, framesNeeded: number): TrackDetection {
  const scored = points.flatMap(({ face }) => scoreOf(face) ?? []);
  return {
    id,
    firstSec: points[0]!.timeSec,
    lastSec: points.at(-1)!.timeSec,
    frames: points.length,
    framesScored: scored.length,
    lasts: scored.length >= framesNeeded,
    authenticity: scored.length === 0 ? null : meanAuthenticity(scored),
    syntheticShare: meanSyntheticShare(points.map(({ face }) => face)),
  };
}

function meanSyntheticShare(faces: readonly FaceObservation[]): number | null {
  const shares = faces.flatMap(({ syntheticShare }) => syntheticShare ?? []);
  return shares.length === 0 ? null : shares.reduce((sum, share) => sum + share, 0) / shares.length;
}

/** A face's authenticity; null when it was not scored or came out as no number in [0, 1]. */
export function scoreOf(face: FaceObservation): number | null {
  const { authenticity } = face;
  return authenticity !== null && authenticity >= 0 && authenticity <= 1 ? authenticity : null;
}

function hasSmallFace(frames: readonly FrameObservation[]): boolean {
  return frames.some((frame) => frame.faces.some((face) => face.unscored === "too-small"));
}

function mostForged(tracks: readonly TrackDetection[]): TrackDetection {
  return tracks.reduce((worst, track) => (track.authenticity! < worst.authenticity! ? track : worst));
}
