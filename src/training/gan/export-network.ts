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
  network: z.enum(["generator", "discriminator"]).default("generator").describe("Which of the two networks"),
});

export type ExportOptions = z.output<typeof exportOptionsSchema>;

/**
 * Writes one network of a GAN as a plain tfjs LayersModel, for programs that know nothing of telltale.
 *
 * @throws TelltaleError `MODEL_MISSING`, `MODEL_INVALID`; `USAGE` for architectures that plain layers cannot say
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
