import type { Command } from "commander";
import { checkOutputs } from "../files/check-outputs.ts";
import { sampleOptionsSchema } from "../training/gan/sample-options.ts";
import { addFlags, readFlags } from "./flags.ts";
import { filesOfRun, runOutputs } from "./run-places.ts";
import { untilSignal } from "./signals.ts";

const help = `
Examples:
  telltale sample --from runs/00003-style-64 --out faces.png
  telltale sample --from runs/00003-style-64 --out walk.mp4 --count 6 --truncation 0.7
  telltale sample --from runs/00003-style-64 --out faces/ --count 1000
`;

/** Adds `telltale sample`. */
export function addSample(program: Command): void {
  const command = program
    .command("sample")
    .summary("make faces with a trained generator")
    .description(
      "Makes faces that nobody has: a grid, a walk from face to face, or single pictures (known fakes).",
    )
    .addHelpText("after", help);
  addFlags(command, sampleOptionsSchema);
  command.action(async (flags: Record<string, unknown>) => {
    const options = readFlags(sampleOptionsSchema, flags);
    await checkOutputs(await runOutputs("--out", options.out), { files: await filesOfRun(options.from) });
    const { sample } = await import("../training/gan/sample.ts");
    await untilSignal((signal) => sample(options, signal));
    process.stdout.write(`${options.out}\n`);
  });
}
