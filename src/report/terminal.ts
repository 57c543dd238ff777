import { pixelsSentence, provenanceSentence, shownValue } from "./provenance.ts";
import type { FileReport } from "./schema.ts";
import { clock, coverageSentence, thresholdSentence, trialNames, verdictSentence } from "./sentence.ts";
import { type Color, harmless, paint, type TerminalStyle, wrap } from "./terminal-style.ts";
import { colorOf, drawTimeline } from "./timeline.ts";

/** Column where texts begin: past the longest verdict. */
const INDENT = 16;
/** More faces than this fill the screen without telling more; the most forged ones are shown. */
const MAX_TRACKS = 8;
/** Of what a file says of itself, the most telling lines. */
const MAX_EVIDENCE = 4;

export const verdictColor: Record<FileReport["verdict"], Color> = {
  authentic: "green",
  forged: "red",
  inconclusive: "yellow",
};

/** The report on one file for a person at a terminal: verdict, timeline of each face, lines drawn, coverage. */
export function formatTerminal(report: FileReport, style: TerminalStyle): string {
  const { verdict, authenticity, threshold, coverage, model, backend, warnings } = report;
  const row = (label: string, text: string) =>
    `  ${label.padEnd(INDENT - 2)}${wrap(harmless(text), style.columns, INDENT)}`;
  const heading = paint(verdict.toUpperCase(), verdictColor[verdict], style);
  const lines = [
    paint(harmless(report.file.path), "bold", style),
    `  ${heading}${" ".repeat(INDENT - 2 - verdict.length)}${wrap(verdictSentence(report), style.columns, INDENT)}`,
  ];
  if (authenticity !== null) {
    lines.push(
      row(
        "",
        `Authenticity ${authenticity.toFixed(2)} (0 = forged, 1 = authentic): a likelihood, not a proof.`,
      ),
    );
  }
  const pixels = pixelsSentence(report);
  if (pixels !== null) lines.push(row("", pixels));
  lines.push("", ...trackLines(report, style));
  if (report.provenance) lines.push(...provenanceRows(report.provenance, row));
  lines.push(row("threshold", thresholdSentence(threshold)));
  if (report.stability) lines.push(row("stability", stabilityText(report.stability)));
  lines.push(row("coverage", coverageSentence(coverage)));
  lines.push(
    row("model", `${model.name} ${model.version} (${model.sha256.slice(0, 12)}) on ${backend.name}`),
  );
  for (const warning of warnings) lines.push(row("warning", warning));
  return `${lines.join("\n")}\n`;
}

/** One line for `--verbose` and for files that need no more, e.g. `forged 0.03 clip.mp4`. */
export function formatLine({ verdict, reason, authenticity, file }: FileReport): string {
  return `${verdict} ${authenticity?.toFixed(2) ?? "-"} ${harmless(file.path)}${reason ? ` (${reason})` : ""}`;
}

function trackLines(report: FileReport, style: TerminalStyle): string[] {
  const { tracks, threshold, frames } = report;
  if (tracks.length === 0) return [];
  const byAuthenticity = [...tracks].sort(
    (a, b) => Number(b.lasts) - Number(a.lasts) || (a.authenticity ?? 2) - (b.authenticity ?? 2),
  );
  const shown = byAuthenticity.slice(0, MAX_TRACKS).sort((a, b) => a.id - b.id);
  const width = Math.max(1, style.columns - INDENT - 2 - "0.00".length);
  const lines = shown.map(({ id, authenticity }) => {
    const timeline = drawTimeline(report, id, width, style);
    const number = authenticity === null ? "-" : authenticity.toFixed(2);
    return `  ${`face ${id}`.padEnd(INDENT - 2)}${timeline}  ${paint(number, colorOf(authenticity, threshold), style)}`;
  });
  if (frames.length > 1) lines.push(axis(report, Math.min(width, frames.length)));
  const hidden = tracks.length - shown.length;
  if (hidden > 0) lines.push(`  ${"".padEnd(INDENT - 2)}and ${hidden} more, none of them more forged`);
  return [...lines, ""];
}

/** Times of the first and the last frame under the ends of the timeline. */
function axis({ frames }: FileReport, cells: number): string {
  const [first, last] = [clock(frames[0]!.timeSec), clock(frames.at(-1)!.timeSec)];
  return `${" ".repeat(INDENT)}${first}${last.padStart(Math.max(last.length + 1, cells - first.length))}`;
}

/** What the file says of itself, the fields behind it, and what was not read. */
function provenanceRows(
  provenance: NonNullable<FileReport["provenance"]>,
  row: (label: string, text: string) => string,
): string[] {
  const { credentials, evidence, notRead } = provenance;
  const shown = evidence.slice(0, MAX_EVIDENCE);
  const hidden = evidence.length - shown.length;
  return [
    row("origin", provenanceSentence(provenance)),
    ...(credentials?.problems ?? []).map((problem) => row("", problem)),
    ...shown.map(({ where, value, means }) => row("", `${where}: ${shownValue(value)} (${means})`)),
    ...(hidden > 0 ? [row("", `and ${hidden} more; --json has them all`)] : []),
    ...notRead.map((note) => row("", note)),
  ];
}

function stabilityText({ asIs, trials }: NonNullable<FileReport["stability"]>): string {
  const show = ({ verdict, authenticity }: { verdict: string | null; authenticity: number | null }) =>
    `${verdict ?? "failed"}${authenticity === null ? "" : ` ${authenticity.toFixed(2)}`}`;
  return [
    `As it is ${show(asIs)}`,
    ...trials.map((trial) => `${trialNames[trial.name]} ${show(trial)}${trial.flips ? " (flips)" : ""}`),
  ]
    .join(", ")
    .concat(".");
}
