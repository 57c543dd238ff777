import type { FileReport, Report } from "./schema.ts";

/** The columns, in order; new ones are only ever added at the end. */
export const csvColumns = [
  "path",
  "verdict",
  "reason",
  "fileAuthenticity",
  "frame",
  "timeSec",
  "track",
  "x",
  "y",
  "width",
  "height",
  "authenticity",
  "unscored",
  "error",
] as const;

type Row = Partial<Record<(typeof csvColumns)[number], string | number | null>>;

/**
 * CSV (RFC 4180): one row for each face of each frame; a frame without faces has one row without a track, a file
 * that could not be looked at one row with the error's code and sentence. Unknown is an empty field.
 */
export function formatCsv(reports: readonly Report[]): string {
  return [csvColumns.join(","), ...reports.flatMap(rowsOf).map(formatRow)]
    .map((line) => `${line}\r\n`)
    .join("");
}

function rowsOf(report: Report): Row[] {
  if ("error" in report) {
    return [{ path: report.file.path, error: `${report.error.code}: ${report.error.message}` }];
  }
  const file: Row = {
    path: report.file.path,
    verdict: report.verdict,
    reason: report.reason,
    fileAuthenticity: report.authenticity,
  };
  if (report.frames.length === 0) return [file];
  return report.frames.flatMap((frame) => frameRows(frame).map((row) => ({ ...file, ...row })));
}

function frameRows({ index, timeSec, faces, error }: FileReport["frames"][number]): Row[] {
  const frame: Row = { frame: index, timeSec, error };
  if (faces.length === 0) return [frame];
  return faces.map(({ track, box: [x, y, width, height], authenticity, unscored }) => ({
    ...frame,
    track,
    x,
    y,
    width,
    height,
    authenticity,
    unscored,
  }));
}

function formatRow(row: Row): string {
  return csvColumns.map((column) => formatField(row[column] ?? null)).join(",");
}

function formatField(value: string | number | null): string {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  // A spreadsheet runs a text that starts like this as a formula, and a file's name is the sender's to choose (CWE-1236).
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
