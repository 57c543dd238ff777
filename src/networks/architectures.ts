import { TelltaleError } from "../errors.ts";
import { families } from "./gan/families.ts";
import { type GanNetwork, ganArchitectures } from "./gan/gan-network.ts";
import { projectedSpecs } from "./gan/projected.ts";
import { headSpecs } from "./heads.ts";
import { backboneSpecs } from "./mobilenet-v1.ts";
import type { ParameterSpec } from "./parameters.ts";

/**
 * `mobilenet-v1`: MobileNetV1 backbone with a classification head and a localization head; 3.2 million values. `projected`:
 * spectrally normalised heads on the frozen backbone. The others: the discriminator of the GAN of that name.
 */
export const architectures = ["mobilenet-v1", "projected", ...ganArchitectures] as const;
export type Architecture = (typeof architectures)[number];

/**
 * The tensors of a discriminator, in the order of its weights file.
 *
 * @param network sizes of a GAN's discriminator
 * @throws TelltaleError `MODEL_INVALID` when a GAN's sizes are missing
 */
export function specsOf(
  architecture: Architecture,
  network: GanNetwork | undefined,
): readonly ParameterSpec[] {
  if (architecture === "mobilenet-v1") return [...backboneSpecs, ...headSpecs];
  if (architecture === "projected") return projectedSpecs();
  if (network === undefined) {
    throw new TelltaleError(
      "MODEL_INVALID",
      `Expected the sizes of the network with the architecture "${architecture}".`,
    );
  }
  return families[architecture].discriminatorSpecs(network);
}
