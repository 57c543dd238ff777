import type { FileReport } from "./schema.ts";
import { type Color, paint, type TerminalStyle } from "./terminal-style.ts";

/** From forged to authentic; in ASCII the first decimal of the authenticity. */
const steps = { unicode: [..."▁▂▃▄▅▆▇█"], ascii: [..."0123456789"] };
const marks = { unicode: { absent: "·", unscored: "?" }, ascii: { absent: ".", unscored: "?" } };

type Threshold = Pick<FileReport["threshold"], "forgedBelow" | "authenticAbove">;

/**
 * One track's authenticity over the sampled frames, a character each: the lowest of several frames where there
 * are more frames than `width`.
 *
 * @param width in characters, from 1
 */
export function drawTimeline(report: FileReport, track: number, width: number, style: TerminalStyle): string {
  const cells = Math.min(width, report.frames.length);
  const kind = style.hasUnicode ? "unicode" : "ascii";
  return Array.from({ length: cells }, (_, cell) => {
    const from = Math.floor((cell * report.frames.length) / cells);
    const to = Math.floor(((cell + 1) * report.frames.length) / cells);
    const faces = report.frames
      .slice(from, to)
      .flatMap((f) => f.faces.filter((face) => face.track === track));
    if (faces.length === 0) return paint(marks[kind].absent, "dim", style);
    const scores = faces.flatMap((face) => face.authenticity ?? []);
    if (scores.length === 0) return paint(marks[kind].unscored, "dim", style);
    const lowest = Math.min(...scores);
    const step = Math.min(steps[kind].length - 1, Math.floor(lowest * steps[kind].length));
    return paint(steps[kind][step]!, scoreColor(lowest, report.threshold), style);
  }).join("");
}

/** Red, yellow or cyan: which side of the thresholds an authenticity is on. */
export function scoreColor(authenticity: number | null, threshold: Threshold): Color {
  if (authenticity === null) return "dim";
  if (authenticity < threshold.forgedBelow) return "red";
  return authenticity > threshold.authenticAbove ? "cyan" : "yellow";
}
