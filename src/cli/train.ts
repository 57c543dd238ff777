import type { Command } from "commander";
import { trainDetectorOptionsSchema } from "../training/detector/detector-options.ts";
import type { TrainingEvent } from "../training/detector/training-event.ts";
import { leftOut, say } from "./failure.ts";
import { addFlags, readFlags } from "./flags.ts";
import { checkRun } from "./run-places.ts";
import { untilSignal } from "./signals.ts";
import { addTrainForgers } from "./train-forgers.ts";
import { addTrainGan } from "./train-gan.ts";

const help = `
Example:
  telltale train detector --data faces/index.csv --out runs/00001-mine

Ctrl-C saves a checkpoint; the same command with --resume goes on from it, as if it had never stopped.
`;

/** Adds `telltale train gan`, `train restoration`, `train swap` and `train detector`. */
export function addTrain(program: Command): void {
  const train = program
    .command("train")
    .summary("train a model")
    .description("Trains networks on your own data.");
  addTrainGan(train);
  addTrainForgers(train);
  const command = train
    .command("detector")
    .summary("fine-tune a discriminator on known fakes")
    .description(
      "Fine-tunes a discriminator on authentic faces, known fakes and self-blends, calibrates it on held-out groups and " +
        "writes a model folder that `detect --model` takes.",
    )
    .addHelpText("after", help);
  addFlags(command, trainDetectorOptionsSchema);
  command.action(async (flags: Record<string, unknown>) => {
    const options = readFlags(trainDetectorOptionsSchema, flags);
    const { steps } = options;
    await checkRun(options.out, options.data.split(","));
    const { trainDetector } = await import("../training/detector/train-detector.ts");
    await untilSignal(async (signal) => {
      const began = { atMs: performance.now(), step: 0 };
      const event = (e: TrainingEvent) => {
        if (e.kind === "started") Object.assign(began, { atMs: performance.now(), step: e.step });
        say(sentenceOf(e, steps, began));
      };
      const folder = await trainDetector(options, { event, signal });
      if (folder === null)
        say(`Stopped; what was done is kept for ${options.out}. The same command with --resume goes on.`);
      else process.stdout.write(`${folder}\n`);
    });
  });
}

function sentenceOf(event: TrainingEvent, steps: number, began: { atMs: number; step: number }): string {
  switch (event.kind) {
    case "unreadable":
      return leftOut(event.file);
    case "preparing": {
      const { done, total, withoutFace, unreadable } = event.progress;
      return `cut faces out of ${done} of ${total} images (${withoutFace} without a face, ${unreadable} unreadable)`;
    }
    case "started":
      return `training ${event.parameters} parameters from step ${event.step} on ${event.backend}`;
    case "step": {
      const secondsPerStep = (performance.now() - began.atMs) / 1000 / (event.step - began.step);
      const minutesLeft = ((steps - event.step) * secondsPerStep) / 60;
      return (
        `step ${event.step} of ${steps}, loss ${event.loss.toFixed(4)}, ${event.imagesPerSec.toFixed(0)} images/s, ` +
        `waited ${(100 * event.waitedShare).toFixed(0)}% of the time, ${minutesLeft.toFixed(0)} min left`
      );
    }
    case "validated": {
      const parts = Object.entries(event.auc).map(([name, auc]) => `${name} ${auc.toFixed(3)}`);
      return `AUC on held-out faces at step ${event.step}: ${parts.join(", ")}`;
    }
    case "warning":
      return event.sentence;
  }
}
