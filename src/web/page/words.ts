import type { FileReport } from "../../report/schema.ts";
import { moment } from "../../report/sentence.ts";
import { sideOf } from "../../report/side.ts";

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

/** What to make of a verdict, for somebody who has never heard of a threshold. */
export function advice({ verdict, reason }: Pick<FileReport, "verdict" | "reason">): string {
  if (reason === "declared")
    return "This is about the whole file, not only its faces. Look at who signed it.";
  if (reason === "contradicted") return "Anybody can write such a claim: ask where the file comes from.";
  if (verdict === "forged") {
    return "It shows traces that face swaps and made-up faces leave. That is a reason to look closer, not a proof.";
  }
  if (verdict === "authentic") {
    return "No trace of the forgeries that this model knows was found. That is not a guarantee: a new kind may leave none.";
  }
  if (reason === "near-threshold") return "The traces are too weak to say either. Treat it as unknown.";
  return "Treat it as unknown: nothing here speaks for or against it.";
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
        : `face ${track} ${authenticity.toFixed(2)} (${sideOf(authenticity, threshold)})`,
    );
  const what = frame.error !== null ? "could not be scored" : faces.join(", ") || "no face";
  return `Frame ${frame.index + 1} of ${frames.length} at ${moment(frame.timeSec)}: ${what}`;
}
