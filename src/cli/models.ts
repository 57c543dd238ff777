import type { Command } from "commander";
import { z } from "zod";
import type { ModelThresholds } from "../networks/index.ts";
import { safeJson } from "../report/control-characters.ts";
import { stripControlCharacters } from "../report/terminal-style.ts";
import { addFlags, readFlags } from "./flags.ts";

const modelsOptionsSchema = z.strictObject({
  json: z.boolean().default(false).describe("Print the models' manifests as JSON."),
});

/** Adds `telltale models`. */
export function addModels(program: Command): void {
  const command = program
    .command("models")
    .description(
      "Lists the models that come with telltale: version, hash, thresholds and what they learned from.",
    );
  addFlags(command, modelsOptionsSchema);
  command.action(async (flags: Record<string, unknown>) => {
    const { json } = readFlags(modelsOptionsSchema, flags);
    const { listModels } = await import("../index.ts");
    const models = await listModels();
    if (json) {
      const listed = models.map(({ folder, manifest }) => ({ folder, ...manifest }));
      process.stdout.write(`${safeJson(listed, 2)}\n`);
      return;
    }
    if (models.length === 0)
      process.stdout.write("There are no models here; reinstall telltale or train one.\n");
    for (const { folder, manifest } of models) {
      const lines = [
        `${manifest.name} ${manifest.version}`,
        `  folder      ${folder}`,
        `  sha256      ${manifest.weights.sha256.slice(0, 12)}`,
        `  network     ${manifest.architecture}, crops of ${manifest.crop.sizePx} px, faces from ${manifest.minFacePx} px`,
        ...linesOf(manifest.thresholds.image, "pictures"),
        ...linesOf(manifest.thresholds.video, "videos"),
        `  trained on  ${manifest.trainedOn.join("; ") || "nothing"}`,
        ...manifest.limitations.map((limit, i) => `  ${i === 0 ? "limits    " : "          "}  ${limit}`),
      ];
      process.stdout.write(`${lines.map(stripControlCharacters).join("\n")}\n`);
    }
  });
}

/** A threshold as reports show it: a fifth decimal differs from backend to backend. */
const decimal = (value: number) => String(Number(value.toFixed(4)));

function linesOf(thresholds: ModelThresholds, title: string): string[] {
  const { forgedBelow, authenticAbove, measuredFpr, measuredOn } = thresholds;
  const rate =
    measuredFpr === null ? "not measured" : `${Number((measuredFpr * 100).toFixed(1))}% on ${measuredOn}`;
  return [
    `  ${title.padEnd(10)}  forged below ${decimal(forgedBelow)}, authentic above ${decimal(authenticAbove)}`,
    `  ${"".padEnd(10)}  called forged though authentic: ${rate}`,
  ];
}
