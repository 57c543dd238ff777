import type { Track } from "../faces/tracks.ts";
import type { FaceObservation, FrameObservation } from "../faces/types.ts";
import type { MediaInfo, NotAnalyzed } from "../media/index.ts";
import type { Provenance } from "../provenance/index.ts";
import { meanAuthenticity } from "../statistics/calibration.ts";
import type { Reason, Stability, Thresholds, TrackDetection, Verdict } from "../types/detection.ts";
import { isTooCompressed } from "./compression.ts";
import { thresholdsForFaces } from "./many-faces.ts";

/** Frames of a video in which a face must be scored to decide the verdict. Shorter tracks are often false detections. */
const MIN_VIDEO_FRAMES = 3;

/** Verdict and score of a file. */
export interface Decision {
  readonly verdict: Verdict;
  readonly reason: Reason | null;
  readonly authenticity: number | null;
  readonly decidingTrack: number | null;
  readonly tracks: readonly TrackDetection[];
  /** The applied thresholds, see {@link thresholdsForFaces}. */
  readonly threshold: Thresholds;
}

/** Scored frames of a file. */
export interface DecisionInput {
  readonly info: Pick<MediaInfo, "kind" | "codec" | "bitsPerPixel">;
  readonly frames: readonly FrameObservation[];
  readonly tracks: readonly Track[];
  readonly thresholds: Thresholds;
}

/**
 * Decides the verdict on a file. The most forged track with enough frames decides; in a strongly compressed video it
 * cannot make the file `authentic`.
 *
 * If no track has enough frames, the verdict is `inconclusive` with the authenticity of the longest track.
 */
export function decide({ info, frames, tracks: linked, thresholds }: DecisionInput): Decision {
  const minFrames = info.kind === "image" ? 1 : MIN_VIDEO_FRAMES;
  const tracks = linked.map((track) => describeTrack(track, minFrames));
  const threshold = thresholdsForFaces(thresholds, tracks.filter((track) => track.lasts).length);
  const unknown = (reason: Reason): Decision => ({
    verdict: "inconclusive",
    reason,
    authenticity: null,
    decidingTrack: null,
    tracks,
    threshold,
  });
  if (frames.every((frame) => frame.error !== null)) return unknown("frames-failed");
  if (tracks.length === 0) return unknown("no-face");

  const longest = Math.max(...tracks.map((track) => track.framesScored));
  if (longest === 0) return unknown(hasSmallFace(frames) ? "face-too-small" : "frames-failed");
  const hasLasting = tracks.some((track) => track.lasts);
  const deciding = mostForged(
    tracks.filter((track) => (hasLasting ? track.lasts : track.framesScored === longest)),
  );
  const authenticity = deciding.authenticity!;
  const scores = { authenticity, decidingTrack: deciding.id, tracks, threshold };
  if (!hasLasting) return { verdict: "inconclusive", reason: "too-few-frames", ...scores };
  if (authenticity < threshold.forgedBelow) return { verdict: "forged", reason: null, ...scores };
  if (authenticity <= threshold.authenticAbove) {
    return { verdict: "inconclusive", reason: "near-threshold", ...scores };
  }
  if (isTooCompressed(info)) return { verdict: "inconclusive", reason: "too-compressed", ...scores };
  return { verdict: "authentic", reason: null, ...scores };
}

/**
 * Combines the decisions on the parts of a file. Order of precedence: forged, inconclusive, authentic, and last parts
 * without a face or with too few frames of it.
 */
export function decideParts(decisions: readonly Decision[]): Decision & { readonly part: number } {
  const rank = ({ verdict, reason }: Decision) => {
    if (verdict === "forged") return 0;
    if (reason === "no-face" || reason === "too-few-frames") return 3;
    return verdict === "inconclusive" ? 1 : 2;
  };
  const part = [...decisions.keys()].sort(
    (a, b) =>
      rank(decisions[a]!) - rank(decisions[b]!) ||
      (decisions[a]!.authenticity ?? 1) - (decisions[b]!.authenticity ?? 1),
  )[0]!;
  return { ...decisions[part]!, tracks: decisions.flatMap(({ tracks }) => tracks), part };
}

/** Turns `authentic` into `inconclusive` if content was not analyzed. */
export function withCoverage<One extends Decision>(decision: One, notAnalyzed: readonly NotAnalyzed[]): One {
  if (decision.verdict !== "authentic" || notAnalyzed.length === 0) return decision;
  return { ...decision, verdict: "inconclusive", reason: "not-fully-analyzed" };
}

/** Turns the verdict into `inconclusive` if a degraded copy got the opposite verdict. */
export function withStability(decision: Decision, { trials }: Stability): Decision {
  if (!trials.some((trial) => trial.flips)) return decision;
  return { ...decision, verdict: "inconclusive", reason: "unstable" };
}

/**
 * Applies the file's provenance. A valid signature that declares generative AI makes the file `forged`. The same claim
 * without a signature turns `authentic` into `inconclusive`. Nothing makes a file `authentic`.
 */
export function withProvenance<One extends Pick<Decision, "verdict" | "reason">>(
  decision: One,
  provenance: Pick<Provenance, "declares" | "signed"> | null,
): One {
  const { declares, signed } = provenance ?? { declares: null, signed: false };
  if (declares !== "generated" && declares !== "edited-with-generative-ai") return decision;
  if (signed) return { ...decision, verdict: "forged", reason: "declared" };
  if (decision.verdict !== "authentic") return decision;
  return { ...decision, verdict: "inconclusive", reason: "contradicted" };
}

function describeTrack({ id, points }: Track, minFrames: number): TrackDetection {
  const scored = points.flatMap(({ face }) => scoreOf(face) ?? []);
  return {
    id,
    firstSec: points[0]!.timeSec,
    lastSec: points.at(-1)!.timeSec,
    frames: points.length,
    framesScored: scored.length,
    lasts: scored.length >= minFrames,
    authenticity: scored.length === 0 ? null : meanAuthenticity(scored),
    syntheticShare: meanSyntheticShare(points.map(({ face }) => face)),
  };
}

function meanSyntheticShare(faces: readonly FaceObservation[]): number | null {
  const shares = faces.flatMap(({ syntheticShare }) => syntheticShare ?? []);
  return shares.length === 0 ? null : shares.reduce((sum, share) => sum + share, 0) / shares.length;
}

/** A face's authenticity; null if it was not scored or is not a number in [0, 1]. */
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
