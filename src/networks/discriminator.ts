import { type Random, type Tensor1D, type Tensor2D, type Tensor4D, tf } from "../engine/index.ts";
import { TelltaleError } from "../errors.ts";
import { type Mode, pretrainedTrunk, TRUNK_CHANNELS, trunkFeatures, trunkSpecs } from "./face-trunk.ts";
import { elementCount, type ParameterSpec, Parameters } from "./parameters.ts";

/** A network that tells authentic faces from forged ones. */
export interface Discriminator {
  readonly architecture: Architecture;
  readonly parameters: Parameters;
}

/** `face-trunk`: MobileNetV1, mean over space, one linear unit; 3.2 million values. */
export const architectures = ["face-trunk"] as const;
export type Architecture = (typeof architectures)[number];

const HEAD: readonly ParameterSpec[] = [
  { name: "head/kernel", shape: [TRUNK_CHANNELS, 1] },
  { name: "head/bias", shape: [1] },
];

const specs: Record<Architecture, readonly ParameterSpec[]> = { "face-trunk": [...trunkSpecs, ...HEAD] };

/** A discriminator with the given values, in the order of its specs. @throws TelltaleError `MODEL_INVALID` */
export function restoreDiscriminator(architecture: Architecture, values: Float32Array): Discriminator {
  const expected = specs[architecture].reduce((sum, spec) => sum + elementCount(spec), 0);
  if (values.length !== expected) {
    throw new TelltaleError(
      "MODEL_INVALID",
      `Expected ${expected} values for the architecture ${architecture} but received ${values.length}.`,
    );
  }
  let offset = 0;
  const parameters = new Parameters(specs[architecture], (spec) => {
    const begin = offset;
    offset += elementCount(spec);
    return values.slice(begin, offset);
  });
  return { architecture, parameters };
}

/**
 * A discriminator to start training from.
 *
 * @param from `face-trunk`: the pretrained trunk with a small random head; `random`: He initialisation throughout
 */
export async function startDiscriminator(
  from: "face-trunk" | "random",
  random: Random,
): Promise<Discriminator> {
  const pretrained = from === "face-trunk" ? await pretrainedTrunk() : new Map<string, Float32Array>();
  const parameters = new Parameters(specs["face-trunk"], (spec) => {
    const known = pretrained.get(spec.name);
    if (known !== undefined) return known;
    const values = new Float32Array(elementCount(spec));
    if (spec.name.endsWith("/bias")) return values;
    // He et al. 2015; the head starts near zero so that the first steps do not shake the trunk.
    const fanIn = spec.name.includes("depthwise") ? 9 : values.length / spec.shape.at(-1)!;
    const deviation = spec.name.startsWith("head/") ? 0.01 : Math.sqrt(2 / fanIn);
    return values.map(() => deviation * random.normal());
  });
  return { architecture: "face-trunk", parameters };
}

/**
 * @param faces float32 [N, S, S, 3], RGB in [0, 255]
 * @param options.dropout share of the features that are left out, training only (Srivastava et al. 2014)
 * @param options.seed of the dropout's mask
 * @returns float32 [N]; above 0 leans to authentic, below to forged
 */
export function logits(
  discriminator: Discriminator,
  faces: Tensor4D,
  mode: Mode,
  options: { dropout?: number; seed?: number } = {},
): Tensor1D {
  const { parameters } = discriminator;
  return tf.tidy(() => {
    const map = trunkFeatures(parameters, faces, mode);
    let features = tf.mean(map, [1, 2]) as Tensor2D;
    if (options.dropout)
      features = tf.dropout(features, options.dropout, undefined, options.seed) as Tensor2D;
    const kernel = parameters.get("head/kernel") as unknown as Tensor2D;
    return tf.reshape(tf.add(tf.matMul(features, kernel), parameters.get("head/bias")), [-1]) as Tensor1D;
  });
}
