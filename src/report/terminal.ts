import { pixelsSentence, provenanceSentence, shownValue } from "./provenance.ts";
import type { FileReport, Report } from "./schema.ts";
import {
  adviceSentence,
  closingCounts,
  coverageSentence,
  formatClock,
  ratesSentence,
  scoreSentence,
  showScore,
  thresholdRange,
  verdictLine,
  verdictSentence,
} from "./sentences.ts";
import { type Color, paint, stripControlCharacters, type TerminalStyle, wrap } from "./terminal-style.ts";
import { drawTimeline, scoreColor } from "./timeline.ts";
import { kindWords, trialNames, verdictWords } from "./words.ts";

/** Column where texts begin. */
const INDENT = 16;
/** More faces than this fill the screen without telling more; the most forged ones are shown. */
const MAX_TRACKS = 8;
/** Of what a file says of itself, the most telling lines. */
const MAX_EVIDENCE = 4;

export const verdictColor: Record<FileReport["verdict"], Color> = {
  authentic: "cyan",
  forged: "red",
  inconclusive: "yellow",
};

/** The report on one file for a person at a terminal: verdict, timeline of each face, coverage, model. */
export function formatTerminal(report: FileReport, style: TerminalStyle): string {
  const { verdict, authenticity, threshold, coverage, model, backend, warnings } = report;
  const row = (label: string, text: string) =>
    `  ${label.padEnd(INDENT - 2)}${wrap(stripControlCharacters(text), style.columns, INDENT)}`;
  const says = [
    verdictSentence(report),
    ...(authenticity === null ? [] : [scoreSentence(authenticity, threshold)]),
    adviceSentence(report),
    ...(report.reason === "too-few-frames" ? ["Try --frames 100."] : []),
    ...[pixelsSentence(report)].filter((sentence) => sentence !== null),
  ];
  const lines = [
    paint(stripControlCharacters(report.file.path), "bold", style),
    `  ${paint(verdictLine(report), verdictColor[verdict], style)}`,
    `  ${wrap(says.join(" "), style.columns, 2)}`,
    "",
    ...trackLines(report, style),
  ];
  if (report.provenance) lines.push(...provenanceRows(report.provenance, row));
  if (report.stability) lines.push(row("stability", stabilityText(report.stability)));
  lines.push(row("coverage", coverageSentence(coverage)));
  lines.push(
    row("model", `${model.name} ${model.version} (${model.sha256.slice(0, 12)}) on ${backend.name}`),
  );
  for (const warning of warnings) lines.push(row("warning", warning));
  return `${lines.join("\n")}\n`;
}

/** What stands below the reports of a run. */
export interface Closing {
  readonly reports: readonly Report[];
  /** Where the model's card is; null where there is none. */
  readonly cardPath: string | null;
  /** What was written. */
  readonly writtenPaths: readonly string[];
}

/** The end of a run: counts, where there are several files; lines and error rates of each kind of file; what was written. */
export function formatClosing({ reports, cardPath, writtenPaths }: Closing, style: TerminalStyle): string {
  const analyzed = reports.flatMap((report) => ("error" in report ? [] : [report]));
  const about = (["video", "image"] as const).flatMap((kind) => {
    // A file of many faces has a lower line of its own; that of few faces is the model's.
    const usual = analyzed
      .filter(({ file }) => file.kind === kind)
      .sort((a, b) => a.tracks.length - b.tracks.length)[0];
    if (usual === undefined) return [];
    const lines = thresholdRange(usual.threshold);
    return [
      `${capital(kindWords[kind])}s: ${lines} ${ratesSentence(usual) ?? "The error rates were not measured."}`,
    ];
  });
  const lines = [
    ...(reports.length > 1 ? [`${closingCounts(reports)}.`] : []),
    ...about,
    ...(about.length > 0 && cardPath !== null ? [`How that was measured: ${cardPath}`] : []),
    ...(writtenPaths.length > 0 ? [`Written: ${writtenPaths.join(", ")}`] : []),
  ];
  return lines.map((line) => `${wrap(stripControlCharacters(line), style.columns, 2)}\n`).join("");
}

function capital(text: string): string {
  return text[0]!.toUpperCase() + text.slice(1);
}

function trackLines(report: FileReport, style: TerminalStyle): string[] {
  const { tracks, threshold, frames } = report;
  if (tracks.length === 0) return [];
  const byAuthenticity = [...tracks].sort(
    (a, b) => Number(b.lasts) - Number(a.lasts) || (a.authenticity ?? 2) - (b.authenticity ?? 2),
  );
  const shown = byAuthenticity.slice(0, MAX_TRACKS).sort((a, b) => a.id - b.id);
  const width = Math.max(1, style.columns - INDENT - 2 - "0.0000".length);
  const lines = shown.map(({ id, authenticity }) => {
    const timeline = drawTimeline(report, id, width, style);
    const number = authenticity === null ? "-" : showScore(authenticity, threshold);
    return `  ${`face ${id}`.padEnd(INDENT - 2)}${timeline}  ${paint(number, scoreColor(authenticity, threshold), style)}`;
  });
  if (frames.length > 1) lines.push(axis(report, Math.min(width, frames.length)));
  const hidden = tracks.length - shown.length;
  if (hidden > 0) lines.push(`  ${"".padEnd(INDENT - 2)}and ${hidden} more, none of them more forged`);
  return [...lines, ""];
}

/** Times of the first and the last frame under the ends of the timeline. */
function axis({ frames }: FileReport, cells: number): string {
  const [first, last] = [formatClock(frames[0]!.timeSec), formatClock(frames.at(-1)!.timeSec)];
  return `${" ".repeat(INDENT)}${first}${last.padStart(Math.max(last.length + 1, cells - first.length))}`;
}

/** What the file says of itself, the fields behind it, and what was not read. */
function provenanceRows(
  provenance: NonNullable<FileReport["provenance"]>,
  row: (label: string, text: string) => string,
): string[] {
  const { credentials, declares, evidence, notRead } = provenance;
  // What only names programs and cameras is left to the other reports.
  if (credentials === null && declares === null) return notRead.map((note) => row("origin", note));
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
  const show = ({
    verdict,
    authenticity,
  }: {
    verdict: FileReport["verdict"] | null;
    authenticity: number | null;
  }) =>
    `${verdict === null ? "failed" : verdictWords[verdict].toLowerCase()}${authenticity === null ? "" : ` ${authenticity.toFixed(2)}`}`;
  return [
    `As it is: ${show(asIs)}`,
    ...trials.map(
      (trial) => `${trialNames[trial.name]}: ${show(trial)}${trial.flips ? " (the opposite)" : ""}`,
    ),
  ]
    .join("; ")
    .concat(".");
}
