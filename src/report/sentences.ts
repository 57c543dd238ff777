import type { FileReport, Report } from "./schema.ts";
import { kindWords, notAnalyzedWords, reasonWords, verdictWords } from "./words.ts";

type Threshold = FileReport["threshold"];
type Lines = Pick<Threshold, "forgedBelow" | "authenticAbove">;

/** Closer than this to a line, a score is said to be just above or below it. */
const NEAR = 0.03;
/** As many digits as a score is shown with at most. */
const MAX_DIGITS = 4;

/** What was found, as a sentence for somebody who has never heard of a threshold. */
export function verdictSentence(report: FileReport): string {
  const { verdict, reason, tracks, decidingTrack } = report;
  const what = kindWords[report.file.kind];
  if (reason === "declared") return `A valid signature says that AI made this ${what} or a part of it.`;
  if (verdict === "forged") return `${forgedFaces(report)} forged.`;
  if (verdict === "authentic") return `${unsuspiciousFaces(tracks.length)} in this ${what}.`;
  const face =
    tracks.length === 1
      ? `The face in this ${what}`
      : `Face ${decidingTrack} of ${tracks.length} in this ${what}`;
  switch (reason!) {
    case "no-face":
      return `No face was found in this ${what}.`;
    case "face-too-small":
      return `The faces in this ${what} are too small to analyze.`;
    case "too-few-frames":
      return "No face was seen in enough frames of this video.";
    case "near-threshold":
      return `${face} is neither clearly forged nor clearly free of signs: its score lies ${between(report)}.`;
    case "too-compressed":
      return `No sign of forgery was found, but this ${what} is compressed so strongly that none need be left.`;
    case "not-fully-analyzed":
      return `No sign of forgery was found, but not all of this ${what} could be analyzed.`;
    case "unstable":
      return `The answer on this ${what} turns into its opposite when it is compressed or shrunk.`;
    case "contradicted":
      return `No sign of forgery was found, but this ${what} says of itself that AI made it or a part of it.`;
    case "frames-failed":
      return `Not one frame of this ${what} could be read and scored.`;
  }
}

/** The verdict in words, with the reason where there is one. */
export function verdictLine({ verdict, reason }: Pick<FileReport, "verdict" | "reason">): string {
  return reason === null ? verdictWords[verdict] : `${verdictWords[verdict]}: ${reasonWords[reason]}`;
}

/** What to make of a verdict, and what one can do. */
export function adviceSentence({ verdict, reason, file, model }: FileReport): string {
  const what = kindWords[file.kind];
  if (reason === "declared")
    return "This is about the whole file, not only its faces. Look at who signed it.";
  if (verdict === "forged") return "That is a reason to look closer, not a proof.";
  if (verdict === "authentic") return "That is no guarantee: a new kind of forgery may leave no sign.";
  const side =
    model.minFacePx === undefined ? "larger faces" : `a face of at least ${model.minFacePx} pixels`;
  switch (reason!) {
    case "no-face":
      return "Only faces are analyzed, so nothing can be said about the rest.";
    case "face-too-small":
      return `Try a larger copy: it takes ${side}.`;
    case "too-few-frames":
      return "Try a longer clip, or analyze more frames of it.";
    case "near-threshold":
      return `Treat it as unknown. A ${file.kind === "image" ? "larger" : "longer"} or less compressed copy may tell more.`;
    case "too-compressed":
    case "unstable":
      return "Try a copy closer to the original, such as the file before it was sent by a messenger.";
    case "contradicted":
      return "Anybody can write such a statement: ask where the file comes from.";
    case "not-fully-analyzed":
      return "The warnings say what is missing. Treat the rest as unknown.";
    case "frames-failed":
      return `Try another copy: this ${what} may be damaged.`;
  }
}

function forgedFaces({ tracks, threshold, decidingTrack, file }: FileReport): string {
  const what = kindWords[file.kind];
  const all = tracks.length;
  if (all === 1) return `The face in this ${what} looks`;
  const forged = tracks.filter(
    ({ lasts, authenticity }) => lasts && authenticity !== null && authenticity < threshold.forgedBelow,
  ).length;
  if (forged <= 1) return `Face ${decidingTrack} of ${all} in this ${what} looks`;
  if (forged === all) return `${all === 2 ? "Both" : `All ${all}`} faces in this ${what} look`;
  return `${forged} of ${all} faces in this ${what} look`;
}

function unsuspiciousFaces(faces: number): string {
  if (faces === 1) return "Nothing was found in the face";
  return `Nothing was found in ${faces === 2 ? "either face" : `any of the ${faces} faces`}`;
}

function between({ authenticity, threshold }: FileReport): string {
  const { forgedBelow, authenticAbove } = threshold;
  if (authenticity === null) return "between the lines";
  if (authenticity - forgedBelow < NEAR) return "just above the line for signs of forgery";
  if (authenticAbove - authenticity < NEAR) return "just below the line for no sign";
  return "between the lines";
}

/** A score in as many digits as it takes to tell it from both lines, two to four. */
export function showScore(authenticity: number, lines: Lines): string {
  return authenticity.toFixed(digitsNeeded(authenticity, lines));
}

function digitsNeeded(authenticity: number, { forgedBelow, authenticAbove }: Lines): number {
  const isApart = (digits: number) =>
    [forgedBelow, authenticAbove].every((line) => authenticity.toFixed(digits) !== line.toFixed(digits));
  for (let digits = 2; digits < MAX_DIGITS; digits++) if (isApart(digits)) return digits;
  return MAX_DIGITS;
}

/** The score and, where it is close to a line, which side it is on. */
export function scoreSentence(authenticity: number, lines: Lines): string {
  const shown = showScore(authenticity, lines);
  for (const line of [lines.forgedBelow, lines.authenticAbove]) {
    if (Math.abs(authenticity - line) >= NEAR) continue;
    const side = authenticity < line ? "below" : authenticity > line ? "above" : "on";
    const digits = digitsNeeded(authenticity, lines);
    const where = side === "on" ? "on" : `just ${side}`;
    return `Authenticity ${shown}, ${where} the line of ${line.toFixed(digits)} (0 = forged, 1 = authentic).`;
  }
  return `Authenticity ${shown} on a scale from 0 (forged) to 1 (authentic).`;
}

/** Both error rates for this kind of file, for a layman; null where the model has not measured them. */
export function ratesSentence({ threshold, file }: Pick<FileReport, "threshold" | "file">): string | null {
  const { measuredFpr, measuredMissRate = null } = threshold;
  if (measuredFpr === null) return null;
  const share = inHundred(measuredFpr);
  const real = `${share} real files ${share === "1 in 100" ? "was" : "were"} called forged`;
  const missed =
    measuredMissRate === null ? "" : `, and ${inHundred(measuredMissRate)} forged ones passed without a sign`;
  return `In tests with the lines for ${kindWords[file.kind]}s, ${real}${missed}.`;
}

/** e.g. `1 in 100`, `0.4 in 100`. */
function inHundred(share: number): string {
  const hundred = 100 * share;
  return `${Number(hundred.toFixed(hundred < 2 ? 1 : 0))} in 100`;
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

/** Where the lines between the verdicts lie. */
export function thresholdRange({ forgedBelow, authenticAbove }: Lines): string {
  return `signs of forgery below ${forgedBelow.toFixed(2)}, no sign above ${authenticAbove.toFixed(2)}.`;
}

/** The lines between the verdicts, and what they meant on data with known truth. */
export function thresholdSentence(threshold: Threshold): string {
  const { measuredFpr, measuredMissRate, measuredOn } = threshold;
  const lines = `Lines: ${thresholdRange(threshold)}`;
  if (measuredFpr === null) return `${lines} The error rates were not measured.`;
  const missed =
    measuredMissRate == null
      ? ""
      : `, and ${percent(measuredMissRate)} of the forged ones passed without a sign`;
  return `${lines} Of ${measuredOn ?? "files with known truth"}, ${percent(measuredFpr)} of the real ones were called forged${missed}.`;
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(1))}%`;
}

/** e.g. `8 files: 3 with signs of forgery, 3 can’t tell, 2 with no sign found, 1 not analyzed`. */
export function closingCounts(reports: readonly Report[]): string {
  const count = (verdict: string | null) => reports.filter((report) => report.verdict === verdict).length;
  const parts: [number, string][] = [
    [count("forged"), "with signs of forgery"],
    [count("inconclusive"), "can’t tell"],
    [count("authentic"), "with no sign found"],
    [count(null), "not analyzed"],
  ];
  const shown = parts.filter(([files]) => files > 0).map(([files, what]) => `${files} ${what}`);
  return `${reports.length} files: ${shown.join(", ")}`;
}

/** How much of the file was analyzed. */
export function coverageSentence(coverage: FileReport["coverage"]): string {
  const { framesSampled, framesWithFace, framesScored, framesFailed, notAnalyzed = [] } = coverage;
  const frames = framesSampled === 1 ? "1 frame" : `${framesSampled} frames`;
  const analyzed = `Analyzed ${frames}: ${framesWithFace} with a face, ${framesScored} scored, ${framesFailed} failed.`;
  if (notAnalyzed.length === 0) return analyzed;
  const missed = notAnalyzed.map(({ what, count, seconds }) => {
    const name = `${count} ${notAnalyzedWords[what][count === 1 ? 0 : 1]}`;
    return seconds === null ? name : `${name} of ${seconds.toFixed(1)} s`;
  });
  return `${analyzed} Not analyzed: ${missed.join(", ")}.`;
}

/** A time of the video, e.g. `0:07` or `1:02:03`. */
export function formatClock(timeSec: number): string {
  const [hours, minutes, seconds] = [timeSec / 3600, (timeSec / 60) % 60, timeSec % 60].map(Math.floor);
  const two = (n: number | undefined) => String(n).padStart(2, "0");
  return hours ? `${hours}:${two(minutes)}:${two(seconds)}` : `${minutes}:${two(seconds)}`;
}

/** A time of the video to a tenth of a second, e.g. `0:07.5`. */
export function formatTime(timeSec: number): string {
  const tenths = Math.round(timeSec * 10);
  return `${formatClock(tenths / 10)}.${tenths % 10}`;
}
