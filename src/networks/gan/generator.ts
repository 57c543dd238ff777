import { type Random, type Tensor2D, type Tensor4D, tf } from "../../engine/index.ts";
import { elementCount, initialValues, Parameters } from "../parameters.ts";
import { families } from "./families.ts";
import type { GanNetwork, Pass } from "./gan-network.ts";

/** A network that makes pictures out of noise. */
export interface Generator {
  readonly network: GanNetwork;
  readonly parameters: Parameters;
}

/** A generator to start training from. */
export function initGenerator(network: GanNetwork, random: Random): Generator {
  const specs = families[network.architecture].generatorSpecs(network);
  return { network, parameters: new Parameters(specs, (spec) => initialValues(spec, random)) };
}

/** A generator with the given values, in the order of its specs. @throws TelltaleError `MODEL_INVALID` */
export function generatorFromWeights(network: GanNetwork, values: Float32Array): Generator {
  let offset = 0;
  const parameters = new Parameters(families[network.architecture].generatorSpecs(network), (spec) => {
    const begin = offset;
    offset += elementCount(spec);
    return values.slice(begin, offset);
  });
  return { network, parameters };
}

/**
 * @param latents float32 [N, latent], standard normal
 * @returns float32 [N, S, S, 3]; [-1, 1] is black to white, a little more may come
 */
export function generate(generator: Generator, latents: Tensor2D, pass: Pass): Tensor4D {
  const { network, parameters } = generator;
  return tf.tidy(() => families[network.architecture].generate(parameters, network, latents, pass));
}

/** Latents as a function of the random row. @returns float32 [count, latent] */
export function drawLatents(network: GanNetwork, count: number, random: Random): Float32Array {
  return Float32Array.from({ length: count * network.latent }, () => random.normal());
}
