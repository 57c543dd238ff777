import type { Report } from "../report/schema.ts";

/** What the program's exit code says. */
export const exitCodes = { authentic: 0, failed: 1, usage: 2, forged: 10, inconclusive: 11 } as const;

/**
 * The exit code for a number of files: 1 if any could not be looked at, else 10 if any is forged, else 11 if any is
 * inconclusive, else 0. So 0, 10 and 11 all promise that every file was looked at.
 */
export function exitCodeOfReports(reports: readonly Report[]): number {
  if (reports.some((report) => "error" in report)) return exitCodes.failed;
  if (reports.some((report) => report.verdict === "forged")) return exitCodes.forged;
  if (reports.some((report) => report.verdict === "inconclusive")) return exitCodes.inconclusive;
  return exitCodes.authentic;
}
