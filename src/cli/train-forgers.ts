import type { Command } from "commander";
import { describeSplit } from "../training/gan/split-counts.ts";
import {
  trainRestorationOptionsSchema,
  trainSwapOptionsSchema,
} from "../training/manipulation/manipulation-options.ts";
import type { ManipulationEvent, ManipulationHooks } from "../training/manipulation/training-loop.ts";
import { leftOut, say } from "./failure.ts";
import { addFlags, readFlags } from "./flags.ts";
import { checkRun } from "./run-places.ts";
import { untilSignal } from "./signals.ts";
import { TrainingBar } from "./training-bar.ts";

const ending = `
Ctrl-C saves a checkpoint; the same command with --resume goes on from it. \`telltale forge\` makes known fakes with it.
`;

/** Adds `telltale train restoration` and `telltale train swap`. */
export function addTrainForgers(train: Command): void {
  const restoration = train
    .command("restoration")
    .summary("train a network that makes blurred faces sharp")
    .description(
      "Trains a network that makes small and blurred faces sharp and so invents what was not there: a known fake for " +
        "`train detector`.",
    )
    .addHelpText(
      "after",
      `\nExample:\n  telltale train restoration --data photos --out runs/restoration\n${ending}`,
    );
  addFlags(restoration, trainRestorationOptionsSchema);
  restoration.action(async (flags: Record<string, unknown>) => {
    const options = readFlags(trainRestorationOptionsSchema, flags);
    await checkRun(options.out, [options.data]);
    const { trainRestoration } = await import("../training/manipulation/train-restoration.ts");
    await run(options, (on) => trainRestoration(options, on));
  });

  const swap = train
    .command("swap")
    .summary("train a face swap between two people")
    .description(
      "Trains a face swap between two people on pictures or videos of each: a known fake for `train detector`. Only " +
        "with people who agreed to it.",
    )
    .addHelpText(
      "after",
      `\nExample:\n  telltale train swap --a clips/ada --b clips/bob --out runs/swap\n${ending}`,
    );
  addFlags(swap, trainSwapOptionsSchema);
  swap.action(async (flags: Record<string, unknown>) => {
    const options = readFlags(trainSwapOptionsSchema, flags);
    await checkRun(options.out, [options.a, options.b]);
    const { trainSwap } = await import("../training/manipulation/train-swap.ts");
    await run(options, (on) => trainSwap(options, on));
  });
}

async function run(
  { steps }: { steps: number },
  train: (on: ManipulationHooks) => Promise<{ folder: string; isFinished: boolean }>,
): Promise<void> {
  const bar = await TrainingBar.start("steps");
  await untilSignal(async (signal) => {
    const event = (e: ManipulationEvent) => show(e, bar, steps);
    const { folder, isFinished } = await train({ event, signal }).finally(() => bar.stop());
    if (isFinished) process.stdout.write(`${folder}\n`);
    else {
      say(`Stopped; a checkpoint is in ${folder}. The same command with --resume goes on.`);
      throw signal.reason;
    }
  });
}

function show(event: ManipulationEvent, bar: TrainingBar, total: number): void {
  if (event.kind === "step") {
    const note = `${listed(event.means)}, ${event.imagesPerSec.toFixed(1)} images/s`;
    bar.update({ done: event.step, total, note, secLeft: event.secLeft });
  } else bar.say(sentenceOf(event));
}

function sentenceOf(event: Exclude<ManipulationEvent, { kind: "step" }>): string {
  switch (event.kind) {
    case "unreadable":
      return leftOut(event.file);
    case "preparing": {
      const { done, total, withoutFace, unreadable } = event.progress;
      return `cut faces out of ${done} of ${total} files (${withoutFace} without a face, ${unreadable} unreadable)`;
    }
    case "split":
      return `${event.of}: ${describeSplit(event.counts)}`;
    case "started":
      return `training in ${event.folder} from step ${event.step} on ${event.backend}`;
    case "measured":
      return `measured on ${event.isHeldOut ? "held-out faces" : "faces that it was trained on"}: ${listed(event.values)}`;
  }
}

const listed = (values: Readonly<Record<string, number>>) =>
  Object.entries(values)
    .map(([name, value]) => `${name} ${Number(value.toPrecision(4))}`)
    .join(", ");
