import { existsSync } from "node:fs";
import { join } from "node:path";
import { TelltaleError } from "../../errors.ts";
import {
  type Discriminator,
  type GanNetwork,
  type Generator,
  loadGanDiscriminator,
  loadGenerator,
} from "../../networks/index.ts";
import type { ResolvedGanOptions } from "./gan-options.ts";

/** The folder with the networks of a GAN: the given one, or `networks/` of a run. */
export function networksFolder(from: string): string {
  return existsSync(join(from, "generator.json")) ? from : join(from, "networks");
}

/** Both networks of a trained GAN. */
export interface InitialWeights {
  readonly generator: Generator;
  readonly discriminator: Discriminator;
  /** Thousands of real images that they were trained on. */
  readonly kimg: number;
  readonly sha256: { readonly generator: string; readonly discriminator: string };
}

/**
 * Loads the initial networks of a run. The generator is the averaged one, because runs keep no other.
 *
 * @throws TelltaleError `MODEL_MISSING`, `MODEL_INVALID`, `MODEL_MISMATCH`; `USAGE` if the network does not match the options
 *   or has already seen `kimg`
 */
export async function loadInitialWeights(
  from: string,
  network: GanNetwork,
  options: Pick<ResolvedGanOptions, "arch" | "discriminator" | "kimg">,
): Promise<InitialWeights> {
  const folder = networksFolder(from);
  const g = await loadGenerator(folder);
  const d = await loadGanDiscriminator(folder);
  const architecture = options.discriminator === "trunk" ? "projected" : options.arch;
  const found = { ...g.manifest.network, discriminator: d.manifest.architecture };
  const expected = { ...network, discriminator: architecture };
  // The growth of `progressive` follows from kimg and is not compared.
  const other = (Object.keys(expected) as (keyof typeof expected)[]).find(
    (key) => found[key] !== expected[key],
  );
  if (other !== undefined) {
    for (const { parameters } of [g.generator, d.discriminator]) parameters.dispose();
    const sentence = `Expected a GAN of ${other} ${expected[other]} in ${folder}, as in the options, but its ${other} is ${found[other]}.`;
    throw new TelltaleError("USAGE", sentence);
  }
  if (g.manifest.kimg >= options.kimg) {
    for (const { parameters } of [g.generator, d.discriminator]) parameters.dispose();
    const sentence = `Expected --kimg above ${g.manifest.kimg}, which the GAN in ${folder} has already seen, but received ${options.kimg}.`;
    throw new TelltaleError("USAGE", sentence);
  }
  return {
    generator: { ...g.generator, network },
    discriminator: { ...d.discriminator, network },
    kimg: g.manifest.kimg,
    sha256: { generator: g.manifest.weights.sha256, discriminator: d.manifest.weights.sha256 },
  };
}
