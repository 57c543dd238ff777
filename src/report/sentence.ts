import type { FileReport } from "./schema.ts";

/** The verdict as a sentence for somebody who has never heard of a threshold. */
export function verdictSentence(
  report: Pick<FileReport, "verdict" | "reason" | "file" | "tracks" | "decidingTrack">,
): string {
  const { verdict, reason, tracks, decidingTrack } = report;
  const what = report.file.kind;
  const isAlone = tracks.length === 1;
  const face = isAlone
    ? `The face in this ${what}`
    : `Face ${decidingTrack} of ${tracks.length} in this ${what}`;
  if (reason === "declared") return `A valid signature says that AI made this ${what} or a part of it.`;
  if (verdict === "forged") return `${face} looks forged.`;
  if (verdict === "authentic") {
    return isAlone
      ? `${face} looks authentic.`
      : `None of the ${tracks.length} faces in this ${what} looks forged.`;
  }
  switch (reason!) {
    case "no-face":
      return `No face was found in this ${what}, so nothing can be said about it.`;
    case "face-too-small":
      return `The faces in this ${what} are too small to judge; a larger copy may help.`;
    case "too-few-frames":
      return "No face was seen in enough frames to judge this video; look at more of them (--frames or --fps).";
    case "near-threshold":
      return `${face} looks neither clearly authentic nor clearly forged.`;
    case "too-compressed":
      return `No trace of a forgery was found, but this ${what} is compressed so strongly that none need be left; find a copy closer to the original.`;
    case "not-fully-analyzed":
      return `No trace of a forgery was found, but not everything in this ${what} was looked at.`;
    case "unstable":
      return `The verdict on this ${what} turns into its opposite when it is compressed or shrunk, so it cannot be relied on.`;
    case "contradicted":
      return `No trace of a forgery was found, but this ${what} says of itself that AI made it or a part of it.`;
    case "frames-failed":
      return `Not one frame of this ${what} could be read and scored, so nothing can be said about it.`;
  }
}

/** Below the first a fake looks manipulated, above the second synthetic. */
const [MANIPULATED, SYNTHETIC] = [0.2, 0.8];

/** What kind of fake a forged face looks like; empty where the network cannot say. */
export function kindSentence(syntheticShare: number | null | undefined): string {
  if (syntheticShare == null || (syntheticShare > MANIPULATED && syntheticShare < SYNTHETIC)) return "";
  return syntheticShare >= SYNTHETIC
    ? " It looks generated as a whole."
    : " It looks like a recorded face that was changed, such as a swap.";
}

/** A trial's name for people. */
export const trialNames = {
  "jpeg-40": "as JPEG 40",
  "half-size": "at half size",
  "h264-crf-35": "as H.264 CRF 35",
} as const;

/** The lines between the verdicts, and what they meant on data with known truth. */
export function thresholdSentence(threshold: FileReport["threshold"]): string {
  const { forgedBelow, authenticAbove, measuredFpr, measuredOn } = threshold;
  const lines = `Forged below ${forgedBelow.toFixed(2)}, authentic above ${authenticAbove.toFixed(2)}.`;
  if (measuredFpr === null) return `${lines} How many authentic files that calls forged was not measured.`;
  const share = `${Number((measuredFpr * 100).toFixed(1))}%`;
  return `${lines} Of ${measuredOn ?? "authentic files"}, ${share} were called forged.`;
}

/** How much of the file was looked at. */
export function coverageSentence(coverage: FileReport["coverage"]): string {
  const { framesSampled, framesWithFace, framesScored, framesFailed, notAnalyzed = [] } = coverage;
  const frames = framesSampled === 1 ? "1 frame" : `${framesSampled} frames`;
  const looked = `Looked at ${frames}: ${framesWithFace} with a face, ${framesScored} scored, ${framesFailed} failed.`;
  if (notAnalyzed.length === 0) return looked;
  const missed = notAnalyzed.map(({ what, count, seconds }) => {
    const name = what.replaceAll("-", " ");
    return seconds === null ? `${count} ${name}` : `${count} ${name} of ${seconds.toFixed(1)} s`;
  });
  return `${looked} Not looked at: ${missed.join(", ")}.`;
}

/** A time of the video, e.g. `0:07` or `1:02:03`. */
export function clock(timeSec: number): string {
  const [hours, minutes, seconds] = [timeSec / 3600, (timeSec / 60) % 60, timeSec % 60].map(Math.floor);
  const two = (n: number | undefined) => String(n).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}

/** A time of the video to a tenth of a second, e.g. `0:07.5`. */
export function moment(timeSec: number): string {
  const tenths = Math.round(timeSec * 10);
  return `${clock(tenths / 10)}.${tenths % 10}`;
}
