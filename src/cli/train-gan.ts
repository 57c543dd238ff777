import type { Command } from "commander";
import type { GanEvent } from "../training/gan/gan-events.ts";
import { trainGanOptionsSchema } from "../training/gan/gan-options.ts";
import { describeSplit } from "../training/gan/split-counts.ts";
import { leftOut, say } from "./failure.ts";
import { addFlags, readFlags } from "./flags.ts";
import { checkRun } from "./run-places.ts";
import { untilSignal } from "./signals.ts";
import { TrainingBar } from "./training-bar.ts";

const help = `
Examples:
  telltale train gan --data photos --out runs/
  telltale train gan --data faces/index.csv --out runs/00004-big --arch big --resolution 64 --kimg 100
  telltale train gan --data photos --out runs/ --arch progressive --dry-run

Ctrl-C saves a checkpoint; the same command with --resume goes on from it, as if it had never stopped.
report.html in the run's folder shows samples, curves, measurements and cost.
`;

/** Adds `telltale train gan`. */
export function addTrainGan(train: Command): void {
  const command = train
    .command("gan")
    .summary("train a generator and a discriminator on authentic faces")
    .description(
      "Trains a generator that makes faces and a discriminator that tells them from authentic ones; the discriminator is " +
        "something for `train detector --from` to start from, the generator makes known fakes (`telltale sample`).",
    )
    .addHelpText("after", help);
  addFlags(command, trainGanOptionsSchema);
  command.action(async (flags: Record<string, unknown>) => {
    const options = readFlags(trainGanOptionsSchema, flags);
    await checkRun(options.out, [options.data]);
    const { trainGan } = await import("../training/gan/train-gan.ts");
    const bar = await TrainingBar.start("kimg");
    await untilSignal(async (signal) => {
      const event = (e: GanEvent) => show(e, bar, options.kimg);
      const { folder, isFinished, plan } = await trainGan(options, { event, signal }).finally(() =>
        bar.stop(),
      );
      if (plan !== null) process.stdout.write(plan);
      else if (isFinished) process.stdout.write(`${folder}\n`);
      else {
        say(`Stopped; a checkpoint is in ${folder}. The same command with --out ${folder} --resume goes on.`);
        throw signal.reason;
      }
    });
  });
}

/** What a run on another engine than the fastest is told. */
function speedNote(backend: string): string {
  return backend.startsWith("tensorflow")
    ? ""
    : "; native TensorFlow trains several times as fast (`npm run native`, see docs/engines.md)";
}

function show(event: GanEvent, bar: TrainingBar, total: number): void {
  if (event.kind !== "step") {
    const sentence = sentenceOf(event);
    if (sentence !== null) bar.say(sentence);
    return;
  }
  const { kimg, dLoss, gLoss, imagesPerSec, gflopPerSec, secLeft } = event;
  const note =
    `discriminator ${dLoss.toFixed(3)}, generator ${gLoss.toFixed(3)}, ` +
    `${imagesPerSec.toFixed(1)} images/s, ${gflopPerSec.toFixed(0)} GFLOP/s`;
  bar.update({ done: Number(kimg.toFixed(2)), total, note, secLeft });
}

function sentenceOf(event: Exclude<GanEvent, { kind: "step" }>): string | null {
  switch (event.kind) {
    case "unreadable":
      return leftOut(event.file);
    case "preparing": {
      const { done, total, withoutFace, unreadable } = event.progress;
      return `cut pictures out of ${done} of ${total} files (${withoutFace} without a face, ${unreadable} unreadable)`;
    }
    case "split":
      return `${describeSplit(event.counts)}${event.counts.train < event.counts.pictures ? "; --hold-out 0 trains on all of them" : ""}`;
    case "started":
      return `training in ${event.folder} from step ${event.step} on ${event.backend}${speedNote(event.backend)}`;
    case "samples":
      return null;
    case "measured": {
      const parts = Object.entries(event.quality).map(
        ([name, value]) => `${name} ${value === null ? "-" : Number(value.toPrecision(4))}`,
      );
      return `measured at ${event.kimg.toFixed(2)} kimg: ${parts.join(", ")}`;
    }
    case "warning":
      return event.sentence;
  }
}
