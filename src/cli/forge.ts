import type { Command } from "commander";
import { TelltaleError } from "../errors.ts";
import { checkOutputs } from "../files/check-outputs.ts";
import { forgeOptionsSchema } from "../training/manipulation/manipulation-options.ts";
import { say } from "./failure.ts";
import { addFlags, readFlags } from "./flags.ts";
import { dataPlaces, filesOfRun, runOutputs } from "./run-places.ts";
import { untilSignal } from "./signals.ts";

const help = `
Examples:
  telltale forge --from runs/restoration --data photos --out fakes/restored
  telltale forge --from runs/swap --data clips/ada --out fakes/swapped --person b

The folder's index.csv is something for \`train detector --data\`; groups and sources are those of the originals, so that
a fake is never trained on while its original is tested on.
`;

/** Adds `telltale forge`. */
export function addForge(program: Command): void {
  const command = program
    .command("forge")
    .summary("make known fakes with a trained restoration or swap")
    .description(
      "Forges the face of every picture with a network of `train restoration` or `train swap`: known fakes to train a " +
        "detector on. Only with pictures of people who agreed to it.",
    )
    .addHelpText("after", help);
  addFlags(command, forgeOptionsSchema);
  command.action(async (flags: Record<string, unknown>) => {
    const options = readFlags(forgeOptionsSchema, flags);
    const data = await dataPlaces(options.data);
    await checkOutputs(await runOutputs("--out", options.out), {
      ...data,
      files: [...data.files, ...(await filesOfRun(options.from))],
    });
    const { generateFakes } = await import("../training/manipulation/generate-fakes.ts");
    await untilSignal(async (signal) => {
      const file = (done: number, total: number) => {
        if (done % 100 === 0 || done === total) say(`forged faces of ${done} of ${total} files`);
      };
      const { pictures, withoutFace, unreadable } = await generateFakes(options, { file, signal });
      for (const { file: name, reason } of unreadable) say(`${name}: ${reason}`);
      say(
        `${pictures} forged, ${withoutFace} pictures or frames without a face, ${unreadable.length} files unreadable`,
      );
      if (pictures === 0) {
        const sentence = `Expected a face to forge in ${options.data}, but there was none.`;
        throw new TelltaleError("DATA_INVALID", sentence);
      }
      process.stdout.write(`${options.out}\n`);
    });
  });
}
