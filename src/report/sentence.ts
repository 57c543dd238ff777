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
    case "frames-failed":
      return `Not one frame of this ${what} could be read and scored, so nothing can be said about it.`;
  }
}
