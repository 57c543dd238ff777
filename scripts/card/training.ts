import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ModelManifest } from "../../src/networks/index.ts";

interface TrainingLine {
  readonly step: number;
  readonly loss?: number;
  readonly imagesPerSec?: number;
  /** Fraction of the time spent waiting for batches. */
  readonly waitedShare?: number;
}

/**
 * Length and results of each training run, from training/<run>/options.json and stats.jsonl.
 *
 * @returns "" without runs of `train detector`
 */
export async function trainingParagraph(folder: string, { trainedOn }: ModelManifest): Promise<string> {
  const entries = await readdir(join(folder, "training"), { withFileTypes: true }).catch(() => []);
  const runs = entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort();
  if (runs.length === 0) return "";
  const paragraphs = await Promise.all(runs.map((run) => runParagraph(join(folder, "training", run))));
  return `${paragraphs.join("\n\n")}

On ${trainedOn.join(", ")}. All options and the curves: \`training/\`.`;
}

async function runParagraph(folder: string): Promise<string> {
  const { steps, batch, from, seed, freezeBackbone } = JSON.parse(
    await readFile(join(folder, "options.json"), "utf8"),
  ) as {
    readonly steps: number;
    readonly batch: number;
    readonly from: string;
    readonly seed: number;
    readonly freezeBackbone?: boolean;
  };
  const log = (await readFile(join(folder, "stats.jsonl"), "utf8"))
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as TrainingLine)
    .filter((line) => line.imagesPerSec !== undefined);
  const perStep = log[0]!.step;
  const secondsOf = (line: TrainingLine) => (perStep * batch) / line.imagesPerSec!;
  const hours = log.reduce((sum, line) => sum + secondsOf(line), 0) / 3600;
  const waited = log.reduce((sum, line) => sum + line.waitedShare! * secondsOf(line), 0) / (hours * 3600);
  const speeds = log.map((line) => line.imagesPerSec!).sort((a, b) => a - b);
  const median = speeds[Math.floor(speeds.length / 2)]!;
  const [first, last] = [log[0]!, log.at(-1)!];
  const done = last.step;
  const flags = `--from ${from} --steps ${steps} --seed ${seed}${freezeBackbone ? " --freeze-backbone" : ""}`;
  return `\`telltale train detector ${flags}\`: ${done.toLocaleString("en")} steps of ${batch} faces
(${Math.round((done * batch) / 1000)} thousand) in ${hours.toFixed(1)} hours (${median.toFixed(0)} faces/s, median; the engine waited for batches
${(100 * waited).toFixed(1)}% of the time). Loss ${first.loss!.toFixed(3)} at step ${first.step}, ${last.loss!.toFixed(3)} at step ${last.step}.`;
}
