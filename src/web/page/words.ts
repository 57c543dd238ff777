import type { FileReport } from "../../report/schema.ts";
import { formatTime, showScore } from "../../report/sentences.ts";
import { sideOf } from "../../report/side.ts";
import { sideWords } from "../../report/words.ts";

/** e.g. `640 KB`, `1.2 GB`, in powers of 1024 as the server counts. */
export function size(bytes: number): string {
  const units = ["B", "KB", "MB", "GB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value < 10 ? Number(value.toFixed(1)) : Math.round(value)} ${units[unit]}`;
}

/** e.g. `2 hours`, `1 minute`. */
export function duration(seconds: number): string {
  const [value, unit] =
    seconds >= 3600
      ? [seconds / 3600, "hour"]
      : seconds >= 60
        ? [seconds / 60, "minute"]
        : [seconds, "second"];
  const shown = Number(value.toFixed(1));
  return `${shown} ${unit}${shown === 1 ? "" : "s"}`;
}

/** Why a file was refused, by code; a code that is not here is told in the server's own sentence. */
const refusals: Readonly<Record<string, string>> = {
  NOT_MEDIA: "This is neither a video nor a picture, or it is damaged. Check that it opens in a player.",
  NO_VIDEO: "This file has sound but no picture.",
  FILE_EMPTY: "This file is empty. Check that it was saved or downloaded completely.",
  DECODE_FAILED: "This file is damaged, or in a format that cannot be read. Try another copy of it.",
  JOB_TIMEOUT: "The analysis took too long. Try a shorter or smaller copy.",
  JOB_CANCELLED: "The analysis was cancelled.",
  JOB_MISSING: "The server no longer has this file. Choose it again.",
  UPLOAD_STALLED: "The upload was too slow or broke off. Try again on a better connection.",
  SERVER_STOPPING: "The server was stopped. Choose the file again in a minute.",
};

/** Why a file was refused, in plain words. */
export function refusalWords({ code, message }: { readonly code: string; readonly message: string }): string {
  return refusals[code] ?? message;
}

type Frame = FileReport["frames"][number];

/** One frame in words, for captions and screen readers. */
export function describeFrame(
  frame: Frame,
  { frames, threshold }: Pick<FileReport, "frames" | "threshold">,
): string {
  const faces = [...frame.faces]
    .sort((a, b) => a.track - b.track)
    .map(({ track, authenticity, unscored }) =>
      authenticity === null
        ? `face ${track} ${unscored === "too-small" ? "too small" : "not scored"}`
        : `face ${track} ${showScore(authenticity, threshold)} (${sideWords[sideOf(authenticity, threshold)]})`,
    );
  const what = frame.error !== null ? "could not be scored" : faces.join(", ") || "no face";
  return `Frame ${frame.index + 1} of ${frames.length} at ${formatTime(frame.timeSec)}: ${what}`;
}
