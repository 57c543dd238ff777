import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import type { Command } from "commander";
import type { Detector } from "../detection/detect.ts";
import { TelltaleError } from "../errors.ts";
import { detectOptionsSchema } from "../options/detect-options.ts";
import type { HtmlItem } from "../report/html/page.ts";
import { reportFailure, reportFile } from "../report/json.ts";
import { formatClosing } from "../report/terminal.ts";
import { terminalStyle } from "../report/terminal-style.ts";
import { exitCodeOfReports } from "./exit-codes.ts";
import { say } from "./failure.ts";
import { addFlags, readFlags } from "./flags.ts";
import { type OutputOptions, outputOptionsSchema } from "./output-options.ts";
import { checkOutputs, needsPictures, printReport, ReportWriter, writtenPaths } from "./outputs.ts";
import { showPictures } from "./pictures.ts";
import { startProgress } from "./progress.ts";
import { RawNames } from "./raw-names.ts";
import { untilSignal } from "./signals.ts";

const help = `
Exit codes:
  0   every file is authentic
  10  a file is forged
  11  a file is inconclusive and none is forged
  1   a file could not be looked at, or the run failed
  2   wrong usage

Examples:
  telltale detect clip.mp4
  telltale detect --frames 100 --json report.json clip.mp4
  telltale detect --html report.html --stability clip.mp4
  telltale detect --overlay marked.mp4 --heatmaps faces clip.mp4
  telltale detect --paths --json - *.mp4 | jq -r 'select(.verdict == "forged").file.path'
`;

/** Adds `telltale detect FILE...`. */
export function addDetect(program: Command): void {
  const command = program
    .command("detect")
    .description(
      "Judges the faces in videos and pictures: an authenticity per face and frame, a verdict per file.",
    )
    .argument("[FILE...]", "videos or pictures")
    .addHelpText("after", help);
  addFlags(command, outputOptionsSchema);
  addFlags(command, detectOptionsSchema);
  command.action(async (files: string[], flags: Record<string, unknown>) => {
    if (files.length === 0) {
      throw new TelltaleError(
        "USAGE",
        "Expected at least one FILE but received none; try `telltale detect --help`.",
      );
    }
    const output = readFlags(outputOptionsSchema, flags);
    const options = readFlags(detectOptionsSchema, flags);
    await checkOutputs(output, files, options.model);
    const { reports, cardPath } = await untilSignal(async (signal) => {
      const { openDetector } = await import("../detection/detect.ts");
      const detector = await openDetector(options);
      const writer = new ReportWriter(output, files, detector.options.model);
      const names = new RawNames();
      try {
        await detectFiles(files, { detector, output, writer, names, signal });
        await writer.finish();
        const card = join(detector.options.model, "README.md");
        return { reports: writer.reports, cardPath: existsSync(card) ? relative(".", card) : null };
      } finally {
        await names.close();
        await writer.close();
        await detector.close();
      }
    });
    const isForPeople = !output.quiet && output.json !== "-" && output.csv !== "-";
    if (isForPeople) {
      const style = terminalStyle(process.stdout);
      process.stdout.write(formatClosing({ reports, cardPath, writtenPaths: writtenPaths(output) }, style));
    }
    process.exitCode = exitCodeOfReports(reports);
  });
}

interface Run {
  readonly detector: Detector;
  readonly output: OutputOptions;
  readonly writer: ReportWriter;
  readonly names: RawNames;
  readonly signal: AbortSignal;
}

async function detectFiles(files: readonly string[], run: Run): Promise<void> {
  if (run.output.verbose) sayBackend(run.detector);
  for (const file of files) {
    const startedMs = performance.now();
    const item = await detectFile(file, run);
    printReport(item.report, run.writer.named(item.report), run.output, files.length > 1);
    await run.writer.add(item);
    if (run.output.verbose) say(`${file}: ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
  }
}

/** One bad file is a report with its code; the run goes on, unless it was aborted. */
async function detectFile(file: string, { detector, output, names, signal }: Run): Promise<HtmlItem> {
  const progress = await startProgress(file, !output.quiet);
  const failed = (error: { readonly code: string; readonly message: string }): HtmlItem => ({
    report: reportFailure(file, error),
    pictures: null,
  });
  const path = await names.open(file);
  const own = (text: string) => text.replaceAll(path, file);
  try {
    const onFrame = ({ done, total }: { done: number; total: number | null }) => progress.update(done, total);
    const hasEvidence = needsPictures(output);
    const detection = await detector.detect(path, { signal, onFrame, hasEvidence });
    progress.stop();
    const pictures = hasEvidence ? await showPictures(detection, output, signal) : null;
    const warnings = detection.warnings.map(own);
    return {
      report: reportFile({ ...detection, file: { ...detection.file, path: file }, warnings }),
      pictures,
    };
  } catch (error) {
    if (signal.aborted) throw error;
    if (error instanceof TelltaleError)
      return failed({ code: error.code, message: own(adviceOn(file, error)) });
    if (output.verbose && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    return failed({ code: "UNEXPECTED", message: `Something unexpected happened: ${error}.` });
  } finally {
    progress.stop();
  }
}

/** What to do instead, where another command or a download is what is wanted. */
function adviceOn(file: string, { code, message }: TelltaleError): string {
  if (code === "IS_DIRECTORY") {
    return `Expected a file but ${file} is a folder; \`telltale audit ${file}\` analyzes every file in it.`;
  }
  if (code === "FILE_MISSING" && /^[a-z][a-z0-9+.-]+:\/\//i.test(file)) {
    return `Expected a file but ${file} is an address, and telltale fetches nothing; download it first, e.g. with curl -O.`;
  }
  return message;
}

function sayBackend({ backend, options }: Detector): void {
  say(`backend ${backend.name} (${backend.detail}), workers: ${options.workers}`);
  for (const reason of backend.passedOver) say(`passed over: ${reason}`);
}
