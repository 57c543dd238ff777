import { relative, sep } from "node:path";
import type { Command } from "commander";
import { z } from "zod";
import { TelltaleError } from "../errors.ts";
import { checkOutputs } from "../files/check-outputs.ts";
import { folderName, withNames } from "../files/file-names.ts";
import { checkWritable, writeWhole } from "../files/write-file.ts";
import {
  type ComparedModel,
  type ComparedVerdict,
  comparisonJson,
  formatComparison,
} from "../report/comparison.ts";
import { reportFile } from "../report/json.ts";
import { terminalStyle } from "../report/terminal-style.ts";
import { samplingFlagsSchema } from "./detector-flags.ts";
import { exitCodes } from "./exit-codes.ts";
import { addFlags, readFlags } from "./flags.ts";
import { isNotMedia, listFiles } from "./media-files.ts";
import { startProgress } from "./progress.ts";
import { untilSignal } from "./signals.ts";

export const compareOptionsSchema = z.strictObject({
  json: z
    .string()
    .min(1)
    .optional()
    .describe("Write the comparison as JSON to a file, or with - to stdout.")
    .meta({ placeholder: "F" }),
  paths: z
    .boolean()
    .default(false)
    .describe("Keep the paths of files and models in the JSON; without it, names alone, to hand on."),
});

const help = `
Exits with 0 whether or not verdicts changed, with 1 where a file could not be looked at.

Example:
  telltale compare models/face runs/00001-mine/model footage
`;

/** Adds `telltale compare MODEL MODEL FOLDER`. */
export function addCompare(program: Command): void {
  const command = program
    .command("compare")
    .description(
      "Runs two models over the videos and pictures of a folder, and says which verdicts differ, with both.",
    )
    .argument("<MODEL>", "folder of the first model")
    .argument("<OTHER>", "folder of the second model")
    .argument("<FOLDER>", "folder of videos and pictures")
    .addHelpText("after", help);
  addFlags(command, compareOptionsSchema);
  addFlags(command, samplingFlagsSchema);
  command.action(async (first: string, second: string, folder: string, flags: Record<string, unknown>) => {
    const { json, paths } = readFlags(compareOptionsSchema, flags);
    const options = readFlags(samplingFlagsSchema, flags);
    if (json !== undefined && json !== "-") {
      await checkOutputs([{ name: "--json", path: json }], { folders: [folder, first, second] });
      await checkWritable(json);
    }
    const files = await listFiles(folder);
    const comparison = await untilSignal(async (signal) => {
      const [a, b] = [
        await judgeAll(files, { ...options, model: first }, signal),
        await judgeAll(files, { ...options, model: second }, signal),
      ];
      const failed = new Map([...a.failed, ...b.failed]);
      const both = [...a.opinions.keys()].filter((path) => b.opinions.has(path));
      const pairs = both.map((path) => ({
        path,
        first: a.opinions.get(path)!,
        second: b.opinions.get(path)!,
      }));
      return {
        folder,
        models: [a.model, b.model] as const,
        compared: pairs.length,
        changed: pairs.filter((pair) => pair.first.verdict !== pair.second.verdict),
        failed: [...failed].map(([path, error]) => ({ path, ...error })),
      };
    });
    const names = paths
      ? new Map<string, string>()
      : new Map([
          // With the folder's own name alone, names of files are the paths below it.
          ...files.map((file) => [file, relative(folder, file).replaceAll(sep, "/")] as const),
          ...[folder, first, second].map((path) => [path, folderName(path)] as const),
        ]);
    const document = comparisonJson(withNames(comparison, names));
    if (json === "-") process.stdout.write(document);
    else process.stdout.write(formatComparison(comparison, terminalStyle(process.stdout)));
    if (json !== undefined && json !== "-") await writeWhole(json, document);
    if (comparison.failed.length > 0) process.exitCode = exitCodes.failed;
  });
}

/** One model after the other, so that only one is in memory. */
async function judgeAll(
  files: readonly string[],
  options: z.output<typeof samplingFlagsSchema> & { readonly model: string },
  signal: AbortSignal,
) {
  const { openDetector } = await import("../index.ts");
  const detector = await openDetector({ ...options, provenance: false });
  const progress = await startProgress(options.model, true, "files");
  const opinions = new Map<string, ComparedVerdict>();
  const failed = new Map<string, { code: string; message: string }>();
  const { name, version, weights } = detector.manifest;
  const model: ComparedModel = {
    folder: options.model,
    ...{ name, version, sha256: weights.sha256 },
    threshold: detector.thresholdsFor("image"),
    clipThreshold: detector.thresholdsFor("video"),
  };
  try {
    for (const [i, path] of files.entries()) {
      try {
        const { verdict, reason, authenticity } = reportFile(await detector.detect(path, { signal }));
        opinions.set(path, { verdict, reason, authenticity });
      } catch (error) {
        if (signal.aborted || !(error instanceof TelltaleError)) throw error;
        if (!isNotMedia(error)) failed.set(path, { code: error.code, message: error.message });
      }
      progress.update(i + 1, files.length);
    }
    return { model, opinions, failed };
  } finally {
    progress.stop();
    await detector.close();
  }
}
