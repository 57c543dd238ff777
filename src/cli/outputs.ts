import { TelltaleError } from "../errors.ts";
import { checkOutputs as checkPlaces } from "../files/check-outputs.ts";
import { checkWritable, makeFolder, writeWhole } from "../files/write-file.ts";
import { formatCsv, formatSummary } from "../report/csv.ts";
import type { HtmlItem } from "../report/html/page.ts";
import { formatJson } from "../report/json.ts";
import type { Report } from "../report/schema.ts";
import { formatTerminal } from "../report/terminal.ts";
import { terminalStyle } from "../report/terminal-style.ts";
import { say } from "./failure.ts";
import type { OutputOptions } from "./output-options.ts";

const STDOUT = "-";

/**
 * Makes sure before the work that its results can be written, and that none of them replaces what is read.
 *
 * @param model folder of the model, if one was named
 * @throws TelltaleError `USAGE`, `OUTPUT_UNWRITABLE`
 */
export async function checkOutputs(
  output: OutputOptions,
  files: readonly string[],
  model?: string,
): Promise<void> {
  const { json, csv, summary, html, overlay, heatmaps } = output;
  if (json === STDOUT && csv === STDOUT) {
    throw new TelltaleError(
      "USAGE",
      "Expected --json - or --csv - but received both; stdout takes one document.",
    );
  }
  if (overlay !== undefined && files.length > 1) {
    throw new TelltaleError("USAGE", `Expected one FILE for --overlay but received ${files.length}.`);
  }
  const named = Object.entries({ json, csv, summary, html, overlay, heatmaps });
  const places = named.flatMap(([name, path]) =>
    path === undefined || path === STDOUT ? [] : [{ name: `--${name}`, path }],
  );
  await checkPlaces(places, { files, folders: model === undefined ? [] : [model] });
  for (const { name, path } of places) if (name !== "--heatmaps") await checkWritable(path);
  if (heatmaps !== undefined) await makeFolder(heatmaps);
}

/** Whether something is to be written that shows the frames, beyond the numbers. */
export function needsPictures({ html, heatmaps, overlay }: OutputOptions): boolean {
  return html !== undefined || heatmaps !== undefined || overlay !== undefined;
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
export async function writeReports(
  items: readonly HtmlItem[],
  { json, csv, summary, html }: OutputOptions,
): Promise<void> {
  const reports = items.map(({ report }) => report);
  if (json !== undefined && json !== STDOUT) await writeWhole(json, formatJson(reports));
  if (csv === STDOUT) process.stdout.write(formatCsv(reports));
  else if (csv !== undefined) await writeWhole(csv, formatCsv(reports));
  if (summary !== undefined) await writeWhole(summary, formatSummary(reports));
  if (html !== undefined) {
    const { formatHtml } = await import("../report/html/page.ts");
    const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
    await writeWhole(html, formatHtml(items, { madeAt: new Date(), timeZone }));
  }
}
