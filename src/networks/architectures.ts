import { TelltaleError } from "../errors.ts";
import type { Architecture } from "./architecture-names.ts";
import { families } from "./gan/families.ts";
import type { GanNetwork } from "./gan/gan-network.ts";
import { projectedSpecs } from "./gan/projected.ts";
import { headSpecs } from "./heads.ts";
import { backboneSpecs } from "./mobilenet-v1.ts";
import type { ParameterSpec } from "./parameters.ts";

/**
 * The tensors of a discriminator, in the order of its weights file.
 *
 * @param network sizes of a GAN discriminator
 * @throws TelltaleError `MODEL_INVALID` if the sizes of a GAN are missing
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
