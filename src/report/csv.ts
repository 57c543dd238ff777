import { type Options, stringify } from "csv-stringify/sync";
import type { Provenance } from "../provenance/index.ts";
import { escapeControlCharacters } from "./control-characters.ts";
import type { FailureReport, FileReport, Report } from "./schema.ts";

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
  "declares",
] as const;

/** The columns of one row a file, in order; new ones are only ever added at the end. */
export const summaryColumns = [
  "path",
  "verdict",
  "reason",
  "authenticity",
  "tracks",
  "framesSampled",
  "framesWithFace",
  "framesScored",
  "framesFailed",
  "kind",
  "durationSec",
  "width",
  "height",
  "sha256",
  "model",
  "modelSha256",
  "error",
  "notAnalyzed",
  "declares",
  "declaresSigned",
  "declaredBy",
  "credentials",
  "pixelsVerdict",
] as const;

/** Values by column; what is left out is an empty field. */
export type Row<Columns extends readonly string[]> = Partial<Record<Columns[number], string | number | null>>;
type FaceRow = Row<typeof csvColumns>;

/**
 * CSV (RFC 4180): one row for each face of each frame; a frame without faces has one row without a track, a file
 * that could not be looked at one row with the error's code and sentence. Unknown is an empty field.
 */
export function formatCsv(reports: readonly Report[]): string {
  return formatTable(csvColumns, reports.flatMap(rowsOf));
}

/** CSV (RFC 4180): one row for each file; a file that could not be looked at has the error's code and sentence. */
export function formatSummary(reports: readonly Report[]): string {
  return formatTable(summaryColumns, reports.map(summaryOf));
}

function summaryOf(report: Report): Row<typeof summaryColumns> {
  if ("error" in report) return { path: report.file.path, error: errorOf(report) };
  const { file, model, verdict, reason, authenticity, tracks, coverage } = report;
  const { notAnalyzed = [], parts: _parts, ...counts } = coverage;
  const { path, kind, durationSec, width, height, sha256 } = file;
  return {
    ...{ path, verdict, reason, authenticity, tracks: tracks.length, ...counts },
    ...{ kind, durationSec, width, height, sha256 },
    notAnalyzed: notAnalyzed.map(({ what, count }) => `${what}: ${count}`).join("; ") || null,
    ...{ model: `${model.name} ${model.version}`, modelSha256: model.sha256 },
    ...originColumns(report.provenance ?? null),
    pixelsVerdict: report.pixels?.verdict ?? null,
  };
}

/** What a file says of its origin, as columns that all tables share. */
export function originColumns(
  origin:
    | (Pick<Provenance, "declares" | "signed" | "by"> & {
        readonly credentials: { readonly state: string } | null;
      })
    | null,
): {
  declares: string | null;
  declaresSigned: string | null;
  declaredBy: string | null;
  credentials: string | null;
} {
  const { declares = null, signed = false, by = null, credentials = null } = origin ?? {};
  return {
    declares,
    declaresSigned: declares === null ? null : String(signed),
    declaredBy: by,
    credentials: credentials?.state ?? null,
  };
}

function errorOf({ error }: FailureReport): string {
  return `${error.code}: ${error.message}`;
}

function rowsOf(report: Report): FaceRow[] {
  if ("error" in report) {
    return [{ path: report.file.path, error: errorOf(report) }];
  }
  const file: FaceRow = {
    path: report.file.path,
    verdict: report.verdict,
    reason: report.reason,
    fileAuthenticity: report.authenticity,
    declares: report.provenance?.declares ?? null,
  };
  if (report.frames.length === 0) return [file];
  return report.frames.flatMap((frame) => frameRows(frame).map((row) => ({ ...file, ...row })));
}

function frameRows({ index, timeSec, faces, error }: FileReport["frames"][number]): FaceRow[] {
  const frame: FaceRow = { frame: index, timeSec, error };
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

function formatTable<Columns extends readonly string[]>(
  columns: Columns,
  rows: readonly Row<Columns>[],
): string {
  return formatHead(columns) + rows.map((row) => formatRow<Columns>(columns, row)).join("");
}

/** The first line of a CSV (RFC 4180). */
export function formatHead(columns: readonly string[]): string {
  return stringify([[...columns]], style);
}

/** One line of a CSV (RFC 4180); unknown is an empty field. */
export function formatRow<Columns extends readonly string[]>(columns: Columns, row: Row<Columns>): string {
  return stringify([columns.map((column: Columns[number]) => row[column] ?? null)], style);
}

// A spreadsheet runs a text that starts with = as a formula, and a file's name is the sender's to choose (CWE-1236).
const style: Options = {
  record_delimiter: "\r\n",
  // On its own it would quote \r\n alone, and not a single line break.
  quoted_match: /[\r\n]/,
  escape_formulas: true,
  cast: {
    number: (value) => ({ value: String(value), escape_formulas: false }),
    string: escapeControlCharacters,
  },
};
