import { availableParallelism } from "node:os";
import type { Command } from "commander";
import { TelltaleError } from "../errors.ts";
import type { FootageCalibration, RefittedThreshold } from "../evaluation/calibrate.ts";
import { calibrateOptionsSchema } from "../evaluation/calibrate-options.ts";
import { checkOutputs, isSamePath } from "../files/check-outputs.ts";
import { makeFolder, writeWhole } from "../files/write-file.ts";
import { detectorFlagsSchema } from "./detector-flags.ts";
import { addFlags, readFlags } from "./flags.ts";
import { listFiles } from "./media-files.ts";
import { startProgress } from "./progress.ts";
import { untilSignal } from "./signals.ts";

const help = `
Put in what you know to be authentic: everything in FOLDER is taken for it. Files of one subfolder (a shoot, a camera) are
held out together when it is counted what the new threshold would have got wrong.

Example:
  telltale calibrate footage --out models/mine
  telltale detect --model models/mine clip.mp4
`;

/** Adds `telltale calibrate FOLDER`. */
export function addCalibrate(program: Command): void {
  const command = program
    .command("calibrate")
    .description(
      "Refits the threshold below which files are called forged to authentic footage of your own, and writes a model " +
        "with it beside the old one. Clips and pictures have a threshold each, refitted where there are five or more.",
    )
    .argument("[FOLDER]", "folder of authentic videos and pictures")
    .addHelpText("after", help);
  addFlags(command, calibrateOptionsSchema);
  addFlags(command, detectorFlagsSchema);
  command.action(async (positional: string | undefined, flags: Record<string, unknown>) => {
    const { data, out } = readFlags(calibrateOptionsSchema, flags);
    const detectOptions = readFlags(detectorFlagsSchema, flags);
    const folder = folderOf(positional, data);
    const model = detectOptions.model;
    const folders = [folder, ...(model === undefined ? [] : [model])];
    await checkOutputs([{ name: "--out", path: out }], { folders });
    const paths = await listFiles(folder);
    if (paths.length === 0) {
      throw new TelltaleError(
        "DATA_INVALID",
        `Expected authentic videos and pictures in ${folder}, but it holds no file.`,
      );
    }
    const calibration = await untilSignal(async (signal) => {
      const [{ openDetector }, { calibrateToFootage, saveCalibratedModel }] = await Promise.all([
        import("../detection/detect.ts"),
        import("../evaluation/calibrate.ts"),
      ]);
      const detector = await openDetector({
        workers: availableParallelism(),
        ...detectOptions,
        provenance: false,
      });
      const progress = await startProgress("calibrate", true, "files");
      try {
        const from = detector.options.model;
        if (await isSamePath(from, out)) {
          throw new TelltaleError(
            "USAGE",
            `Expected another folder for --out than the model's own, ${from}.`,
          );
        }
        await makeFolder(out);
        const onDone = (done: number, total: number) => progress.update(done, total);
        const found = await calibrateToFootage(detector, folder, paths, { signal, onDone });
        const { manifest } = detector;
        await saveCalibratedModel({ from, to: out, manifest, calibration: found }, writeWhole);
        return found;
      } finally {
        progress.stop();
        await detector.close();
      }
    });
    process.stdout.write(sentences(calibration, out));
  });
}

function folderOf(positional: string | undefined, data: string | undefined): string {
  if (positional !== undefined && data !== undefined) {
    throw new TelltaleError("USAGE", "Expected FOLDER or --data but received both; leave one out.");
  }
  const folder = positional ?? data;
  if (folder === undefined) {
    throw new TelltaleError("USAGE", "Expected a FOLDER of authentic footage but received none.");
  }
  return folder;
}

function sentences({ files, thresholds }: FootageCalibration, out: string): string {
  const counted = thresholds.reduce((sum, part) => sum + part.counted, 0);
  const left = files.length - counted;
  return [
    ...thresholds.map(sentencesOf),
    ...(left > 0
      ? [
          `${left} other files: without a face, not to be looked at, or too few of their kind; they changed nothing`,
        ]
      : []),
    out,
    "",
  ].join("\n");
}

function sentencesOf({ of, counted, groups, ...change }: RefittedThreshold): string {
  const { forgedBelow, wrong, inconclusive, claimableFpr } = change;
  const percent = (share: number) => `${(100 * share).toFixed(1)}%`;
  return [
    `${counted} authentic ${of} with a face, held out in ${groups} parts`,
    `forged below       ${forgedBelow.before.toFixed(4)} before, ${forgedBelow.after.toFixed(4)} after`,
    `called forged      ${wrong.before} before (${percent(wrong.before / counted)}), ${wrong.after} after (${percent(wrong.after / counted)}), each judged by a threshold fitted without it`,
    `inconclusive       ${inconclusive.before} before, ${inconclusive.after} after`,
    `what this is worth ${counted} ${of} can vouch for a false-positive rate of ${percent(claimableFpr)} at best, had none been called forged`,
    forgedBelow.before === forgedBelow.after
      ? `what it costs      nothing: the threshold is the same, so every file is judged as before`
      : `what it costs      forgeries with an authenticity between the two thresholds are now judged otherwise; how many, authentic footage cannot say`,
  ].join("\n");
}
