import type { Command } from "commander";
import type { Detector } from "../detection/detect.ts";
import { detectOptionsSchema } from "../detection/options.ts";
import { TelltaleError } from "../errors.ts";
import { reportFailure, reportFile } from "../report/json.ts";
import type { Report } from "../report/schema.ts";
import { exitCodeOfReports } from "./exit-codes.ts";
import { say } from "./failure.ts";
import { addFlags, readFlags } from "./flags.ts";
import { type OutputOptions, outputOptionsSchema } from "./output-options.ts";
import { checkOutputs, printReport, writeReports } from "./outputs.ts";
import { startProgress } from "./progress.ts";
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
  telltale detect --json - *.mp4 | jq -r 'select(.verdict == "forged").file.path'
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
    await checkOutputs(output);
    const reports = await untilSignal(async (signal) => {
      const { openDetector } = await import("../index.ts");
      const detector = await openDetector(options);
      try {
        return await detectFiles(files, { detector, output, signal });
      } finally {
        await detector.close();
      }
    });
    await writeReports(reports, output);
    process.exitCode = exitCodeOfReports(reports);
  });
}

interface Run {
  readonly detector: Detector;
  readonly output: OutputOptions;
  readonly signal: AbortSignal;
}

async function detectFiles(files: readonly string[], run: Run): Promise<Report[]> {
  if (run.output.verbose) sayBackend(run.detector);
  const reports: Report[] = [];
  for (const file of files) {
    const startedMs = performance.now();
    const report = await detectFile(file, run);
    printReport(report, run.output, files.length > 1);
    reports.push(report);
    if (run.output.verbose) say(`${file}: ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
  }
  return reports;
}

/** One bad file is a report with its code; the run goes on, unless it was aborted. */
async function detectFile(file: string, { detector, output, signal }: Run): Promise<Report> {
  const progress = await startProgress(file, !output.quiet);
  try {
    const onFrame = ({ done, total }: { done: number; total: number | null }) => progress.update(done, total);
    return reportFile(await detector.detect(file, { signal, onFrame }));
  } catch (error) {
    if (signal.aborted) throw error;
    if (error instanceof TelltaleError) return reportFailure(file, error);
    if (output.verbose && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    return reportFailure(file, { code: "UNEXPECTED", message: `Something unexpected happened: ${error}.` });
  } finally {
    progress.stop();
  }
}

function sayBackend({ backend, options }: Detector): void {
  say(`backend ${backend.name} (${backend.detail}), workers: ${options.workers}`);
  for (const reason of backend.passedOver) say(`passed over: ${reason}`);
}
