import type { Random, Variable } from "../engine/index.ts";
import type { Architecture } from "./architecture-names.ts";
import { specsOf } from "./architectures.ts";
import type { GanNetwork } from "./gan/gan-network.ts";
import { backboneSpecs, pretrainedBackbone } from "./mobilenet-v1.ts";
import { initialValues, Parameters } from "./parameters.ts";

/** A network that tells real faces from fakes. */
export interface Discriminator {
  readonly architecture: Architecture;
  readonly parameters: Parameters;
  /** Sizes of a GAN discriminator, which takes faces of exactly `resolution`; undefined for `mobilenet-v1`. */
  readonly network?: GanNetwork;
}

/**
 * A discriminator with the given weights, in the order of its specs.
 *
 * @param network sizes of a GAN discriminator
 * @throws TelltaleError `MODEL_INVALID`
 */
export function discriminatorFromWeights(
  architecture: Architecture,
  values: Float32Array,
  network?: GanNetwork,
): Discriminator {
  const specs = specsOf(architecture, network);
  const parameters = Parameters.fromValues(specs, values, `the architecture ${architecture}`);
  return { architecture, parameters, ...(network === undefined ? {} : { network }) };
}

/**
 * A `mobilenet-v1` detector with new heads.
 *
 * @param from `pretrained`: the backbone of the face-description network; `random`: He initialisation throughout (He et al. 2015)
 */
export async function initDiscriminator(
  from: "pretrained" | "random",
  random: Random,
): Promise<Discriminator> {
  const architecture = "mobilenet-v1";
  const pretrained = from === "pretrained" ? await pretrainedBackbone() : new Map<string, Float32Array>();
  const parameters = new Parameters(specsOf(architecture, undefined), (spec) => {
    const known = pretrained.get(spec.name);
    if (known !== undefined) return known;
    // A depthwise kernel has 9 inputs for each output.
    const isDepthwise = spec.name.endsWith("depthwise/kernel");
    return initialValues(isDepthwise ? { ...spec, initial: { deviation: Math.sqrt(2 / 9) } } : spec, random);
  });
  return { architecture, parameters };
}

/** The tensors that training changes, in the order of the parameters. */
export function trainedVariables({ parameters }: Discriminator, isBackboneFrozen = false): Variable[] {
  const frozen = new Set(isBackboneFrozen ? backboneSpecs.map(({ name }) => name) : []);
  return parameters.specs.filter(({ name }) => !frozen.has(name)).map(({ name }) => parameters.get(name));
}

/**
 * A GAN discriminator with random initial weights.
 *
 * @param kind `own`: the discriminator of the architecture's paper; `trunk`: projected heads on the pretrained backbone
 */
export async function initGanDiscriminator(
  kind: "own" | "trunk",
  network: GanNetwork,
  random: Random,
): Promise<Discriminator> {
  const architecture = kind === "own" ? network.architecture : "projected";
  const pretrained = kind === "trunk" ? await pretrainedBackbone() : new Map<string, Float32Array>();
  const parameters = new Parameters(
    specsOf(architecture, network),
    (spec) => pretrained.get(spec.name) ?? initialValues(spec, random),
  );
  return { architecture, parameters, network };
}
