import type { Command } from "commander";
import type { Detector } from "../detection/detect.ts";
import { detectOptionsSchema } from "../detection/options.ts";
import { TelltaleError } from "../errors.ts";
import type { HtmlItem } from "../report/html/page.ts";
import { reportFailure, reportFile } from "../report/json.ts";
import { exitCodeOfReports } from "./exit-codes.ts";
import { say } from "./failure.ts";
import { addFlags, readFlags } from "./flags.ts";
import { type OutputOptions, outputOptionsSchema } from "./output-options.ts";
import { checkOutputs, needsPictures, printReport, writeReports } from "./outputs.ts";
import { showPictures } from "./pictures.ts";
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
  telltale detect --html report.html --stability clip.mp4
  telltale detect --overlay marked.mp4 --heatmaps faces clip.mp4
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
    await checkOutputs(output, files, options.model);
    const items = await untilSignal(async (signal) => {
      const { openDetector } = await import("../index.ts");
      const detector = await openDetector(options);
      try {
        return await detectFiles(files, { detector, output, signal });
      } finally {
        await detector.close();
      }
    });
    await writeReports(items, output);
    process.exitCode = exitCodeOfReports(items.map(({ report }) => report));
  });
}

interface Run {
  readonly detector: Detector;
  readonly output: OutputOptions;
  readonly signal: AbortSignal;
}

async function detectFiles(files: readonly string[], run: Run): Promise<HtmlItem[]> {
  if (run.output.verbose) sayBackend(run.detector);
  const items: HtmlItem[] = [];
  for (const file of files) {
    const startedMs = performance.now();
    const item = await detectFile(file, run);
    printReport(item.report, run.output, files.length > 1);
    items.push(item);
    if (run.output.verbose) say(`${file}: ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
  }
  return items;
}

/** One bad file is a report with its code; the run goes on, unless it was aborted. */
async function detectFile(file: string, { detector, output, signal }: Run): Promise<HtmlItem> {
  const progress = await startProgress(file, !output.quiet);
  const failed = (error: { readonly code: string; readonly message: string }): HtmlItem => ({
    report: reportFailure(file, error),
    exhibits: null,
  });
  try {
    const onFrame = ({ done, total }: { done: number; total: number | null }) => progress.update(done, total);
    const hasEvidence = needsPictures(output);
    const detection = await detector.detect(file, { signal, onFrame, hasEvidence });
    progress.stop();
    const exhibits = hasEvidence ? await showPictures(detection, output, signal) : null;
    return { report: reportFile(detection), exhibits };
  } catch (error) {
    if (signal.aborted) throw error;
    if (error instanceof TelltaleError) return failed(error);
    if (output.verbose && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    return failed({ code: "UNEXPECTED", message: `Something unexpected happened: ${error}.` });
  } finally {
    progress.stop();
  }
}

function sayBackend({ backend, options }: Detector): void {
  say(`backend ${backend.name} (${backend.detail}), workers: ${options.workers}`);
  for (const reason of backend.passedOver) say(`passed over: ${reason}`);
}
