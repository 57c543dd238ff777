import { type Tensor1D, type Tensor4D, tf } from "../engine/index.ts";
import { TelltaleError } from "../errors.ts";
import type { Discriminator } from "./discriminator.ts";
import { families } from "./gan/families.ts";
import type { DiscriminatorOutput, Pass } from "./gan/gan-network.ts";
import { discriminateProjected } from "./gan/projected.ts";
import { type HeadOptions, headLogits, realLogit } from "./heads.ts";
import type { Mode } from "./mobilenet-v1.ts";

/**
 * Runs a GAN discriminator.
 *
 * @param images float32 [N, S, S, 3] in [-1, 1]
 * @throws TelltaleError `MODEL_INVALID` for `mobilenet-v1`
 */
export function discriminate(
  { architecture, parameters, network }: Discriminator,
  images: Tensor4D,
  pass: Pass,
): DiscriminatorOutput {
  if (architecture === "mobilenet-v1" || network === undefined) {
    throw new TelltaleError("MODEL_INVALID", `Expected a GAN discriminator but received "${architecture}".`);
  }
  if (architecture === "projected") return discriminateProjected(parameters, network, images, pass);
  return families[architecture].discriminate(parameters, network, images, pass);
}

/**
 * The logit of each face: above 0 real, below 0 fake.
 *
 * @param faces float32 [N, S, S, 3], RGB in [0, 255]
 * @returns float32 [N]
 */
export function logits(
  discriminator: Discriminator,
  faces: Tensor4D,
  mode: Mode,
  options: HeadOptions = {},
): Tensor1D {
  if (discriminator.architecture !== "mobilenet-v1") return ganLogits(discriminator, faces, mode);
  return tf.tidy(() => realLogit(headLogits(discriminator.parameters, faces, mode, options).classes));
}

/** Mean over all heads, without statistics over the batch: the result of a face does not depend on the others. */
function ganLogits(discriminator: Discriminator, faces: Tensor4D, mode: Mode): Tensor1D {
  return tf.tidy(() => {
    const images = tf.sub(tf.div(faces, 127.5), 1) as Tensor4D;
    const pass: Pass = { mode, hasBatchStatistics: false, isUpdating: mode === "training" };
    const { heads } = discriminate(discriminator, images, pass);
    return tf.mean(tf.concat([...heads], 1), 1) as Tensor1D;
  });
}
