import type { AuditEntry } from "../../types/audit.ts";
import { formatHead, formatRow, originColumns } from "../csv.ts";

/** The columns of `files.csv`, in order; new ones are only ever added at the end. */
export const auditColumns = [
  "path",
  "outcome",
  "reason",
  "authenticity",
  "kind",
  "durationSec",
  "width",
  "height",
  "faces",
  "bytes",
  "modified",
  "sha256",
  "modelSha256",
  "duplicateOf",
  "movedTo",
  "report",
  "error",
  "warnings",
  "pathBase64",
  "declares",
  "declaresSigned",
  "declaredBy",
  "credentials",
  "pixelsVerdict",
] as const;

/** The first line of `files.csv`. */
export const auditCsvHead = (): string => formatHead(auditColumns);

/** One file as a line of `files.csv`. */
export function auditCsvRow(entry: AuditEntry): string {
  const { error, warnings, model, origin = null } = entry;
  return formatRow(auditColumns, {
    ...entry,
    modelSha256: model,
    error: error && `${error.code}: ${error.message}`,
    warnings: warnings.join(" "),
    ...originColumns(origin),
    pixelsVerdict: origin?.pixels ?? null,
  });
}
