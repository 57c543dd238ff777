import type { Random, Variable } from "../engine/index.ts";
import { TelltaleError } from "../errors.ts";
import {
  type Architecture,
  FUSED,
  type FusedArchitecture,
  specsOf,
  type TrunkArchitecture,
} from "./architectures.ts";
import { pretrainedTrunk, trunkSpecs } from "./face-trunk.ts";
import type { GanNetwork } from "./gan/gan-network.ts";
import { elementCount, initialValues, Parameters } from "./parameters.ts";
import { isOfSynthesisForm } from "./synthesis-form.ts";

/** A network that tells authentic faces from forged ones. */
export interface Discriminator {
  readonly architecture: Architecture;
  readonly parameters: Parameters;
  /** Sizes of a GAN's discriminator, which takes faces of exactly `resolution`; undefined for those on the face trunk. */
  readonly network?: GanNetwork;
}

/**
 * A discriminator with the given values, in the order of its specs.
 *
 * @param network sizes, for a GAN's
 * @throws TelltaleError `MODEL_INVALID`
 */
export function restoreDiscriminator(
  architecture: Architecture,
  values: Float32Array,
  network?: GanNetwork,
): Discriminator {
  const specs = specsOf(architecture, network);
  const expected = specs.reduce((sum, spec) => sum + elementCount(spec), 0);
  if (values.length !== expected) {
    throw new TelltaleError(
      "MODEL_INVALID",
      `Expected ${expected} values for the architecture ${architecture} but received ${values.length}.`,
    );
  }
  let offset = 0;
  const parameters = new Parameters(specs, (spec) => {
    const begin = offset;
    offset += elementCount(spec);
    return values.slice(begin, offset);
  });
  return { architecture, parameters, ...(network === undefined ? {} : { network }) };
}

/**
 * A discriminator to start training from.
 *
 * @param from `face-trunk`: the pretrained trunk with a small random head; `random`: He initialisation throughout
 */
export async function startDiscriminator(
  from: "face-trunk" | "random",
  random: Random,
  architecture: TrunkArchitecture = "face-trunk",
): Promise<Discriminator> {
  const pretrained = from === "face-trunk" ? await pretrainedTrunk() : new Map<string, Float32Array>();
  const parameters = new Parameters(specsOf(architecture, undefined), (spec) => {
    const known = pretrained.get(spec.name);
    if (known !== undefined) return known;
    if (spec.initial !== undefined) return initialValues(spec, random);
    const values = new Float32Array(elementCount(spec));
    if (spec.name.endsWith("/bias")) return values;
    // He et al. 2015; the head starts near zero so that the first steps do not shake the trunk.
    const fanIn = spec.name.includes("depthwise") ? 9 : values.length / spec.shape.at(-1)!;
    const deviation = spec.name.startsWith("head/") ? 0.01 : Math.sqrt(2 / fanIn);
    return values.map(() => deviation * random.normal());
  });
  return { architecture, parameters };
}

/**
 * The tensors that training changes, in the order of the parameters.
 *
 * @param trunk `frozen`: only what stands on the face trunk; `trained`: all of it, the running statistics of a GAN's
 *   discriminator too, which have no gradient
 */
export function trainedVariables(
  { parameters }: Discriminator,
  trunk: "frozen" | "trained" = "trained",
): Variable[] {
  const frozen = new Set(trunk === "frozen" ? trunkSpecs.map(({ name }) => name) : []);
  return parameters.specs
    .map(({ name }) => ({ name, own: name.replace(/^(first|second)\//, "") }))
    .filter(({ own }) => !frozen.has(own) && !own.startsWith("statistics/") && !isOfSynthesisForm(own))
    .map(({ name }) => parameters.get(name));
}

/**
 * The second network of a GAN to start training from.
 *
 * @param kind `own`: the one that its architecture's paper has; `trunk`: projected heads on the pretrained face trunk
 */
export async function startGanDiscriminator(
  kind: "own" | "trunk",
  network: GanNetwork,
  random: Random,
): Promise<Discriminator> {
  const architecture = kind === "own" ? network.architecture : "projected";
  const pretrained = kind === "trunk" ? await pretrainedTrunk() : new Map<string, Float32Array>();
  const parameters = new Parameters(
    specsOf(architecture, network),
    (spec) => pretrained.get(spec.name) ?? initialValues(spec, random),
  );
  return { architecture, parameters, network };
}

/**
 * A first view and a second, and how much either counts.
 *
 * @param first a `face-trunk`
 * @param second a network over statistics
 * @param fusion weights of their logits, then the bias
 * @throws TelltaleError `MODEL_INVALID` for other architectures
 */
export function joinViews(
  first: Discriminator,
  second: Discriminator,
  fusion: readonly [first: number, second: number, bias: number],
): Discriminator {
  const fused = (Object.keys(FUSED) as FusedArchitecture[]).find(
    (architecture) => FUSED[architecture] === second.architecture,
  );
  if (first.architecture !== "face-trunk" || fused === undefined) {
    throw new TelltaleError(
      "MODEL_INVALID",
      `Expected a face-trunk and a network over statistics to fuse but received a ${first.architecture} and a ${second.architecture}.`,
    );
  }
  const parts = [first.parameters.toFloat32(), second.parameters.toFloat32(), Float32Array.from(fusion)];
  const bytes = Buffer.concat(parts.map((part) => new Uint8Array(part.buffer)));
  return restoreDiscriminator(fused, new Float32Array(new Uint8Array(bytes).buffer));
}

/** The first of two fused views, by itself; the tensors are its own. */
export function firstView({ parameters }: Discriminator): Discriminator {
  return restoreDiscriminator("face-trunk", parameters.within("first/").toFloat32());
}
