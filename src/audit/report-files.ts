import { join } from "node:path";
import { makeFolder, writeWhole } from "../files/write-file.ts";
import type { AuditEntry } from "./entry.ts";
import type { Judgement } from "./judge.ts";

/** What a judgement left in the audit's folder: paths below it, with `/`. */
export type ReportFiles = Pick<AuditEntry, "report" | "thumbnail">;

/**
 * Writes a judgement's report and thumbnail below `reports/`, by the content's hash: files of one content share them.
 *
 * @throws TelltaleError `OUTPUT_UNWRITABLE`
 */
export async function writeReportFiles(
  out: string,
  sha256: string,
  { report, thumbnailBase64 }: Judgement,
): Promise<ReportFiles> {
  if (report === null && thumbnailBase64 === null) return { report: null, thumbnail: null };
  // Folders of a million files are slow to list.
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
