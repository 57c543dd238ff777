import type { Command } from "commander";
import { checkOutputs } from "../files/check-outputs.ts";
import { exportOptionsSchema } from "../training/gan/export-network.ts";
import { addFlags, readFlags } from "./flags.ts";
import { filesOfRun, runOutputs } from "./run-places.ts";

const help = `
Example:
  telltale export --from runs/00000-vanilla-64 --out generator-tfjs
`;

/** Adds `telltale export`. */
export function addExport(program: Command): void {
  const command = program
    .command("export")
    .summary("write a GAN's network as a plain TensorFlow.js model")
    .description(
      "Writes a GAN's generator or discriminator as a plain tfjs LayersModel: model.json and weights.bin.",
    )
    .addHelpText("after", help);
  addFlags(command, exportOptionsSchema);
  command.action(async (flags: Record<string, unknown>) => {
    const options = readFlags(exportOptionsSchema, flags);
    await checkOutputs(await runOutputs("--out", options.out), { files: await filesOfRun(options.from) });
    const { exportNetwork } = await import("../training/gan/export-network.ts");
    await exportNetwork(options);
    process.stdout.write(`${options.out}\n`);
  });
}
