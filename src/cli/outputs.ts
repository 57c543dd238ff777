import { createReadStream } from "node:fs";
import { appendFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TelltaleError } from "../errors.ts";
import { checkOutputs as checkPlaces } from "../files/check-outputs.ts";
import { folderName, sharedNames, withNames } from "../files/file-names.ts";
import { checkWritable, makeFolder, replaceByStream, writeWhole } from "../files/write-file.ts";
import { safeJson } from "../report/control-characters.ts";
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

/**
 * Prints what is printed file by file: JSON Lines or the report for people on stdout, errors on stderr.
 *
 * @param named the report with names in place of paths, for JSON
 */
export function printReport(
  report: Report,
  named: Report,
  { json, csv, quiet }: OutputOptions,
  isOneOfMany: boolean,
): void {
  if ("error" in report) say(`${report.file.path}: ${report.error.message}`);
  if (json === STDOUT) {
    process.stdout.write(isOneOfMany ? `${safeJson(named)}\n` : formatJson([named]));
  } else if (!("error" in report) && !quiet && csv !== STDOUT) {
    const blank = isOneOfMany ? "\n" : "";
    process.stdout.write(`${formatTerminal(report, terminalStyle(process.stdout))}${blank}`);
  }
}

/** What is written when all files are done; pictures wait on the disk, since those of a thousand files fill the memory. */
export class ReportWriter {
  readonly #output: OutputOptions;
  readonly #names: ReadonlyMap<string, string>;
  readonly #reports: Report[] = [];
  readonly #making = { madeAt: new Date(), timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone };
  #folder: string | null = null;

  /** @param files all that are going to be judged */
  constructor(output: OutputOptions, files: readonly string[], model: string) {
    this.#output = output;
    this.#names = output.paths ? new Map() : new Map([...sharedNames(files), [model, folderName(model)]]);
  }

  get reports(): readonly Report[] {
    return this.#reports;
  }

  /** A report with names in place of paths, unless paths were asked for. */
  named<Shown extends Report>(report: Shown): Shown {
    return withNames(report, this.#names);
  }

  async add({ report, pictures = null }: HtmlItem): Promise<void> {
    const named = this.named(report);
    if (this.#output.html !== undefined) {
      const { formatArticle } = await import("../report/html/page.ts");
      this.#folder ??= await mkdtemp(join(tmpdir(), "telltale-report-"));
      const text = formatArticle({ report: named, pictures }, this.#making, this.#reports.length);
      await appendFile(join(this.#folder, "articles.html"), text);
    }
    this.#reports.push(named);
  }

  async finish(): Promise<void> {
    const { json, csv, summary, html } = this.#output;
    const reports = this.#reports;
    if (json !== undefined && json !== STDOUT) await writeWhole(json, formatJson(reports));
    if (csv !== undefined || summary !== undefined) {
      const { formatCsv, formatSummary } = await import("../report/csv.ts");
      if (csv === STDOUT) process.stdout.write(formatCsv(reports));
      else if (csv !== undefined) await writeWhole(csv, formatCsv(reports));
      if (summary !== undefined) await writeWhole(summary, formatSummary(reports));
    }
    const folder = this.#folder;
    if (html === undefined || folder === null) return;
    const { formatHtmlHead, HTML_FOOT } = await import("../report/html/page.ts");
    await replaceByStream(html, async (write) => {
      await write(formatHtmlHead(reports));
      for await (const chunk of createReadStream(join(folder, "articles.html"))) await write(chunk as Buffer);
      await write(HTML_FOOT);
    });
  }

  async close(): Promise<void> {
    if (this.#folder !== null) await rm(this.#folder, { recursive: true, force: true });
  }
}

/** Files and folders that were written, in the order of the flags. */
export function writtenPaths(output: OutputOptions): string[] {
  const { json, csv, summary, html, overlay, heatmaps } = output;
  return [json, csv, summary, html, overlay, heatmaps].filter(
    (path): path is string => path !== undefined && path !== STDOUT,
  );
}
