import { join } from "node:path";
import { makeFolder, writeWhole } from "../files/write-file.ts";
import type { AuditEntry } from "../types/audit.ts";
import type { AnalysisOutput } from "./analyzer.ts";

/** Paths of the written files below the audit's folder, separated by `/`. */
export type ReportFiles = Pick<AuditEntry, "report" | "thumbnail">;

/**
 * Writes report and thumbnail to `reports/`, named by the content's hash: files with the same content share them.
 *
 * @throws TelltaleError `OUTPUT_UNWRITABLE`
 */
export async function writeReportFiles(
  out: string,
  sha256: string,
  { report, thumbnailBase64 }: AnalysisOutput,
): Promise<ReportFiles> {
  if (report === null && thumbnailBase64 === null) return { report: null, thumbnail: null };
  // Subfolders, because a folder with a million files is slow to list.
  const folder = `reports/${sha256.slice(0, 2)}`;
  const base = `${folder}/${sha256.slice(0, 32)}`;
  await makeFolder(join(out, folder));
  if (report !== null) {
    await writeWhole(join(out, `${base}.json`), report.json);
    await writeWhole(join(out, `${base}.html`), report.html);
  }
  if (thumbnailBase64 !== null)
    await writeWhole(join(out, `${base}.jpg`), Buffer.from(thumbnailBase64, "base64"));
  return {
    report: report === null ? null : `${base}.html`,
    thumbnail: thumbnailBase64 === null ? null : `${base}.jpg`,
  };
}
