import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { ModelManifest } from "../../src/networks/index.ts";

interface TrainingLine {
  readonly step: number;
  readonly loss?: number;
  readonly imagesPerSec?: number;
  /** Share of the time in which the engine waited for a batch. */
  readonly waitedShare?: number;
}

/** How long and how well the model was trained, stage by stage, from training/<stage>/options.json and stats.jsonl. */
export async function trainingParagraph(folder: string, { trainedOn }: ModelManifest): Promise<string> {
  const stages = (await readdir(join(folder, "training"))).sort();
  const paragraphs = await Promise.all(
    stages.map((stage) => stageParagraph(join(folder, "training", stage))),
  );
  return `${paragraphs.join("\n\n")}

On ${trainedOn.join(", ")}. All options and the curves: \`training/\`.`;
}

async function stageParagraph(folder: string): Promise<string> {
  const { steps, batch, from, seed, head, trunk, draws } = JSON.parse(
    await readFile(join(folder, "options.json"), "utf8"),
  ) as {
    readonly steps: number;
    readonly batch: number;
    readonly from: string;
    readonly seed: number;
    readonly head?: string;
    readonly trunk?: "frozen" | "trained";
    readonly draws?: number;
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
  if (trunk === "frozen") {
    return `\`telltale train detector --from ${from} --head ${head} --steps ${steps} --seed ${seed}\`, beside the stage before: the frozen
trunk looked at ${draws!.toLocaleString("en")} drawn faces once; ${steps.toLocaleString("en")} steps of ${batch} of them in ${(hours * 60).toFixed(0)} minutes on two CPU cores that had other
work beside it. Loss ${first.loss!.toFixed(3)} at step ${first.step}, ${last.loss!.toFixed(3)} at step ${last.step}.`;
  }
  return `\`telltale train detector --from ${from} --steps ${steps} --seed ${seed}\`: ${steps} steps of ${batch} faces
(${Math.round((steps * batch) / 1000)} thousand) in ${hours.toFixed(1)} hours on two CPU cores that had other work beside it (${median.toFixed(0)} faces/s, median;
the engine waited for batches ${(100 * waited).toFixed(1)}% of the time). Loss ${first.loss!.toFixed(3)} at step ${first.step}, ${last.loss!.toFixed(3)} at step ${last.step}.`;
}
