import { mkdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { z } from "zod";
import { detectOptionsSchema } from "../detection/options.ts";
import { evaluateOptionsSchema } from "../evaluation/options.ts";
import type { Comparison, VerdictCount } from "../evaluation/summary.ts";
import { tool } from "../report/tool.ts";
import { writeWhole } from "../report/write-file.ts";
import { addFlags, readFlags } from "./flags.ts";
import { startProgress } from "./progress.ts";
import { untilSignal } from "./signals.ts";

// The rest of detect's options: which frames, which model, which backend.
const detectorFlags = z.strictObject(detectOptionsSchema.shape);

const help = `
Examples:
  telltale evaluate --data faces/index.csv --out results
  telltale evaluate --data clips/index.csv --model runs/mine/model
`;

/** Adds `telltale evaluate`. */
export function addEvaluate(program: Command): void {
  const command = program
    .command("evaluate")
    .summary("measure a model on labelled media")
    .description(
      "Runs the detector over labelled images or videos and says how well it tells them apart, source by source. " +
        "Of sources that the model was trained on, only groups held out from training are taken.",
    )
    .addHelpText("after", help);
  addFlags(command, evaluateOptionsSchema);
  addFlags(command, detectorFlags);
  command.action(async (flags: Record<string, unknown>) => {
    const { data, out, source, seed } = readFlags(evaluateOptionsSchema, flags);
    const detectorOptions = readFlags(detectorFlags, flags);
    await untilSignal(async (signal) => {
      const [{ openDetector }, { evaluate }] = await Promise.all([
        import("../detection/detect.ts"),
        import("../evaluation/evaluate.ts"),
      ]);
      // Still images leave ffmpeg idle, so that every core can score.
      const detector = await openDetector({ workers: availableParallelism(), ...detectorOptions });
      const progress = await startProgress("evaluate", true, "files");
      try {
        const onFile = ({ done, total }: { done: number; total: number }) => progress.update(done, total);
        const { files, evaluation } = await evaluate(detector, { data, source, seed, signal, onFile });
        progress.stop();
        const { name, version, weights } = detector.manifest;
        const model = { name, version, sha256: weights.sha256 };
        if (out !== undefined) {
          await mkdir(out, { recursive: true });
          // Where the model lay says nothing that its hash does not say better.
          const { model: _, ...options } = detector.options;
          const document = { schema: 1, tool, model, options, seed, ...evaluation };
          await writeWhole(join(out, "evaluation.json"), `${JSON.stringify(document, null, 2)}\n`);
          const rows = files.map((file) => `${JSON.stringify(file)}\n`).join("");
          await writeWhole(join(out, "files.jsonl"), rows);
        }
        process.stdout.write(`${model.name} ${model.version}, sha256 ${model.sha256.slice(0, 12)}\n\n`);
        process.stdout.write(
          `${comparisonTable(evaluation.comparisons)}\n\n${verdictTable(evaluation.verdicts)}\n`,
        );
      } finally {
        progress.stop();
        await detector.close();
      }
    });
  });
}

function comparisonTable(comparisons: readonly Comparison[]): string {
  return table([
    ["reals and fakes of", "source", "real", "fake", "AUC", "95% interval", "frame AUC"],
    ...comparisons.map((c) => [
      c.name,
      c.isSourceSeen ? "held out" : "unseen",
      String(c.reals),
      String(c.fakes),
      decimals(c.auc),
      c.aucInterval === null ? "-" : `${decimals(c.aucInterval[0])} to ${decimals(c.aucInterval[1])}`,
      decimals(c.frameAuc),
    ]),
  ]);
}

function verdictTable(verdicts: readonly VerdictCount[]): string {
  return table([
    ["source", "label", "files", "authentic", "forged", "inconclusive", "no face", "failed"],
    ...verdicts.map((v) => [
      v.source,
      v.label,
      ...[v.files, v.authentic, v.forged, v.inconclusive, v.noFace, v.failed].map(String),
    ]),
  ]);
}

function decimals(value: number | null): string {
  return value === null ? "-" : value.toFixed(3);
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
