import { mkdir } from "node:fs/promises";
import { z } from "zod";
import { useBackend, writeLayersModel } from "../../engine/index.ts";
import { TelltaleError } from "../../errors.ts";
import {
  discriminatorAsLayers,
  generatorAsLayers,
  loadGanDiscriminator,
  loadGenerator,
} from "../../networks/index.ts";
import { networksFolder } from "./initial-weights.ts";

/** Options of `telltale export`; defaults and descriptions live here only. */
export const exportOptionsSchema = z.strictObject({
  from: z.string().min(1).describe("Folder of a GAN run, or of its networks"),
  out: z.string().min(1).describe("Folder for model.json and weights.bin"),
  network: z.enum(["generator", "discriminator"]).default("generator").describe("Network to export"),
});

export type ExportOptions = z.output<typeof exportOptionsSchema>;

/**
 * Exports one network of a GAN as a plain tfjs LayersModel.
 *
 * @throws TelltaleError `MODEL_MISSING`, `MODEL_INVALID`, `OUTPUT_UNWRITABLE`; `USAGE` for architectures that cannot be
 *   exported
 */
export async function exportNetwork({ from, out, network }: ExportOptions): Promise<void> {
  await mkdir(out, { recursive: true }).catch((cause: Error) => {
    const sentence = `Expected a folder at ${out}, but it cannot be made: ${cause.message}.`;
    throw new TelltaleError("OUTPUT_UNWRITABLE", sentence, { cause });
  });
  await useBackend("wasm");
  const folder = networksFolder(from);
  if (network === "generator") {
    const { generator } = await loadGenerator(folder);
    await writeLayersModel(out, generatorAsLayers(generator));
  } else {
    const { discriminator } = await loadGanDiscriminator(folder);
    await writeLayersModel(out, discriminatorAsLayers(discriminator));
  }
}
