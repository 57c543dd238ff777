import { type Random, type Tensor2D, type Tensor4D, tf } from "../../engine/index.ts";
import { initialValues, Parameters } from "../parameters.ts";
import { families } from "./families.ts";
import type { GanNetwork, Pass } from "./gan-network.ts";

/** A network that turns latent vectors into images. */
export interface Generator {
  readonly network: GanNetwork;
  readonly parameters: Parameters;
}

/** A generator with random initial weights. */
export function initGenerator(network: GanNetwork, random: Random): Generator {
  const specs = families[network.architecture].generatorSpecs(network);
  return { network, parameters: new Parameters(specs, (spec) => initialValues(spec, random)) };
}

/** A generator with the given weights, in the order of its specs. @throws TelltaleError `MODEL_INVALID` */
export function generatorFromWeights(network: GanNetwork, values: Float32Array): Generator {
  const specs = families[network.architecture].generatorSpecs(network);
  return { network, parameters: Parameters.fromValues(specs, values, `a ${network.architecture} generator`) };
}

/**
 * @param latents float32 [N, latent], standard normal
 * @returns float32 [N, S, S, 3]; -1 is black, 1 is white, values may lie slightly outside
 */
export function generate(generator: Generator, latents: Tensor2D, pass: Pass): Tensor4D {
  const { network, parameters } = generator;
  return tf.tidy(() => families[network.architecture].generate(parameters, network, latents, pass));
}

/** Draws standard normal latents. @returns float32 [count, latent] */
export function drawLatents(network: GanNetwork, count: number, random: Random): Float32Array {
  return Float32Array.from({ length: count * network.latent }, () => random.normal());
}
