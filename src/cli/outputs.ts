import { TelltaleError } from "../errors.ts";
import { formatCsv } from "../report/csv.ts";
import { formatJson } from "../report/json.ts";
import type { Report } from "../report/schema.ts";
import { formatTerminal } from "../report/terminal.ts";
import { terminalStyle } from "../report/terminal-style.ts";
import { checkWritable, writeWhole } from "../report/write-file.ts";
import { say } from "./failure.ts";
import type { OutputOptions } from "./output-options.ts";

const STDOUT = "-";

/**
 * Makes sure before the work that its result can be written.
 *
 * @throws TelltaleError `USAGE`, `OUTPUT_UNWRITABLE`
 */
export async function checkOutputs({ json, csv }: OutputOptions): Promise<void> {
  if (json === STDOUT && csv === STDOUT) {
    throw new TelltaleError(
      "USAGE",
      "Expected --json - or --csv - but received both; stdout takes one document.",
    );
  }
  for (const path of [json, csv]) {
    if (path !== undefined && path !== STDOUT) await checkWritable(path);
  }
}

/** Prints what is printed file by file: JSON Lines or the report for people on stdout, errors on stderr. */
export function printReport(report: Report, { json, csv, quiet }: OutputOptions, isOneOfMany: boolean): void {
  if ("error" in report) say(`${report.file.path}: ${report.error.message}`);
  if (json === STDOUT) {
    process.stdout.write(isOneOfMany ? `${JSON.stringify(report)}\n` : formatJson([report]));
  } else if (!("error" in report) && !quiet && csv !== STDOUT) {
    const blank = isOneOfMany ? "\n" : "";
    process.stdout.write(`${formatTerminal(report, terminalStyle(process.stdout))}${blank}`);
  }
}

/** Writes what is written when all files are done. */
export async function writeReports(reports: readonly Report[], { json, csv }: OutputOptions): Promise<void> {
  if (json !== undefined && json !== STDOUT) await writeWhole(json, formatJson(reports));
  if (csv === STDOUT) process.stdout.write(formatCsv(reports));
  else if (csv !== undefined) await writeWhole(csv, formatCsv(reports));
}
