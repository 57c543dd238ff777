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

/** The folder that holds a GAN's networks: the one named, or `networks/` of a run. */
export function networksFolder(from: string): string {
  return existsSync(join(from, "generator.json")) ? from : join(from, "networks");
}

/** Both networks of a trained GAN, and what they are told by. */
export interface InitialWeights {
  readonly generator: Generator;
  readonly discriminator: Discriminator;
  /** Thousands of real pictures that they were trained on. */
  readonly kimg: number;
  readonly sha256: { readonly generator: string; readonly discriminator: string };
}

/**
 * The networks that a run begins with instead of new ones. The generator is the averaged one: runs keep no other.
 *
 * @throws TelltaleError `MODEL_MISSING`, `MODEL_INVALID`, `MODEL_MISMATCH`; `USAGE` where it is another network than
 *   the options ask for, or has seen as many kimg
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
  const asked = { ...network, discriminator: architecture };
  // How far `progressive` had grown is a matter of kimg, which go on.
  const other = (Object.keys(asked) as (keyof typeof asked)[]).find((key) => found[key] !== asked[key]);
  if (other !== undefined) {
    for (const { parameters } of [g.generator, d.discriminator]) parameters.dispose();
    const sentence = `Expected a GAN of ${other} ${asked[other]} in ${folder}, as the options ask for, but its ${other} is ${found[other]}.`;
    throw new TelltaleError("USAGE", sentence);
  }
  if (g.manifest.kimg >= options.kimg) {
    for (const { parameters } of [g.generator, d.discriminator]) parameters.dispose();
    const sentence = `Expected --kimg above ${g.manifest.kimg}, where the GAN in ${folder} stands, but received ${options.kimg}.`;
    throw new TelltaleError("USAGE", sentence);
  }
  return {
    generator: { ...g.generator, network },
    discriminator: { ...d.discriminator, network },
    kimg: g.manifest.kimg,
    sha256: { generator: g.manifest.weights.sha256, discriminator: d.manifest.weights.sha256 },
  };
}
