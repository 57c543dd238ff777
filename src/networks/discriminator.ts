import {
  dropout,
  type Random,
  type Tensor1D,
  type Tensor2D,
  type Tensor4D,
  tf,
  type Variable,
} from "../engine/index.ts";
import { TelltaleError } from "../errors.ts";
import { type Mode, pretrainedTrunk, TRUNK_CHANNELS, trunkFeatures, trunkSpecs } from "./face-trunk.ts";
import { families } from "./gan/families.ts";
import { type GanNetwork, ganArchitectures, type Judgement, type Pass } from "./gan/gan-network.ts";
import { judgeProjected, projectedSpecs } from "./gan/projected.ts";
import { elementCount, initialValues, type ParameterSpec, Parameters } from "./parameters.ts";
import { isOfSynthesisForm } from "./synthesis-form.ts";
import {
  statisticsClasses,
  statisticsLogits,
  trunkStatistics,
  trunkStatisticsSpecs,
} from "./trunk-statistics.ts";
import { eachViewsLogits, twoViewsLogits, twoViewsSpecs } from "./two-views.ts";

/** A network that tells authentic faces from forged ones. */
export interface Discriminator {
  readonly architecture: Architecture;
  readonly parameters: Parameters;
  /** Sizes of a GAN's discriminator, which takes faces of exactly `resolution`; undefined for those on the face trunk. */
  readonly network?: GanNetwork;
}

/**
 * `face-trunk`: MobileNetV1, mean over space, one linear unit; 3.2 million values. `trunk-statistics`: means and deviations
 * of twelve of its blocks, one hidden layer; 6.2 million. `trunk-face`: the same of the middle of the crop, three classes; 6.2
 * million. `trunk-synthesis`: the same and a quadratic form that looks for synthesised faces; 7.8 million. `two-views`,
 * `two-views-face`, `two-views-synthesis`: a `face-trunk` and one of these, fused. `projected`: heads on the frozen trunk. The
 * others: the second network of the GAN of that name.
 */
export const architectures = [
  "face-trunk",
  "trunk-statistics",
  "trunk-face",
  "trunk-synthesis",
  "two-views",
  "two-views-face",
  "two-views-synthesis",
  "projected",
  ...ganArchitectures,
] as const;
export type Architecture = (typeof architectures)[number];
/** Those that are the face trunk with a head. */
export type TrunkArchitecture = "face-trunk" | StatisticsArchitecture;
/** Those whose head takes statistics of the trunk's maps. */
type StatisticsArchitecture = "trunk-statistics" | "trunk-face" | "trunk-synthesis";
/** Those that are two of the above, a `face-trunk` and this one. */
const FUSED = {
  "two-views": "trunk-statistics",
  "two-views-face": "trunk-face",
  "two-views-synthesis": "trunk-synthesis",
} as const satisfies Partial<Record<Architecture, StatisticsArchitecture>>;
type FusedArchitecture = keyof typeof FUSED;

/** What each of them takes statistics of, and says. */
const STATISTICS = {
  "trunk-statistics": "crop",
  "trunk-face": "face",
  "trunk-synthesis": "synthesis",
} as const satisfies Record<StatisticsArchitecture, unknown>;

export const isFused = (architecture: Architecture): architecture is FusedArchitecture =>
  architecture in FUSED;
/** Whether the head takes statistics, which a frozen trunk says once of each face. */
export const hasStatistics = (architecture: Architecture): architecture is StatisticsArchitecture =>
  architecture in STATISTICS;

/** The network over statistics that this one is, or has for its second view; null where there is none. */
export function statisticsPart(architecture: Architecture): StatisticsArchitecture | null {
  if (hasStatistics(architecture)) return architecture;
  return isFused(architecture) ? FUSED[architecture] : null;
}

const HEAD: readonly ParameterSpec[] = [
  { name: "head/kernel", shape: [TRUNK_CHANNELS, 1] },
  { name: "head/bias", shape: [1] },
];

function specsOf(architecture: Architecture, network: GanNetwork | undefined): readonly ParameterSpec[] {
  if (architecture === "face-trunk") return [...trunkSpecs, ...HEAD];
  if (hasStatistics(architecture)) return trunkStatisticsSpecs(STATISTICS[architecture]);
  if (isFused(architecture)) {
    return twoViewsSpecs([...trunkSpecs, ...HEAD], specsOf(FUSED[architecture], undefined));
  }
  if (architecture === "projected") return projectedSpecs();
  if (network === undefined) {
    throw new TelltaleError("MODEL_INVALID", `Expected the sizes of the network beside "${architecture}".`);
  }
  return families[architecture].discriminatorSpecs(network);
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

type JudgingArchitecture = Exclude<Architecture, TrunkArchitecture | FusedArchitecture>;

function isGan(architecture: Architecture): architecture is JudgingArchitecture {
  return architecture !== "face-trunk" && !hasStatistics(architecture) && !isFused(architecture);
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

/**
 * What a GAN's discriminator says of images, all heads by themselves.
 *
 * @param images float32 [N, S, S, 3] in [-1, 1]
 * @throws TelltaleError `MODEL_INVALID` for `face-trunk`, which is no GAN's
 */
export function judge(
  { architecture, parameters, network }: Discriminator,
  images: Tensor4D,
  pass: Pass,
): Judgement {
  if (!isGan(architecture) || network === undefined) {
    throw new TelltaleError(
      "MODEL_INVALID",
      `Expected a GAN's discriminator but received "${architecture}".`,
    );
  }
  if (architecture === "projected") return judgeProjected(parameters, network, images, pass);
  return families[architecture].discriminate(parameters, network, images, pass);
}

interface LogitsOptions {
  /** Share of the features that are left out, training only (Srivastava et al. 2014). */
  readonly dropout?: number;
  /** Of the dropout's mask. */
  readonly seed?: number;
  /** `frozen`: no gradient is asked for within it, and the faster kernels serve. */
  readonly trunk?: "frozen" | "trained";
}

const trunkModeOf = (mode: Mode, { trunk }: LogitsOptions): Mode => (trunk === "frozen" ? "inference" : mode);

/**
 * @param faces float32 [N, S, S, 3], RGB in [0, 255]
 * @returns float32 [N]; above 0 leans to authentic, below to forged
 */
export function logits(
  discriminator: Discriminator,
  faces: Tensor4D,
  mode: Mode,
  options: LogitsOptions = {},
): Tensor1D {
  const { parameters, architecture } = discriminator;
  if (isFused(architecture)) return twoViewsLogits(parameters, faces, viewsOf(architecture, mode, options));
  if (hasStatistics(architecture)) {
    return tf.tidy(() =>
      statisticsLogits(parameters, trunkStatistics(parameters, faces, trunkModeOf(mode, options)), options),
    );
  }
  if (architecture !== "face-trunk") return ganLogits(discriminator, faces, mode);
  return tf.tidy(() => {
    const map = trunkFeatures(parameters, faces, trunkModeOf(mode, options));
    let features = tf.mean(map, [1, 2]) as Tensor2D;
    features = dropout(features, options.dropout ?? 0, options.seed);
    const kernel = parameters.get("head/kernel") as unknown as Tensor2D;
    return tf.reshape(tf.add(tf.matMul(features, kernel), parameters.get("head/bias")), [-1]) as Tensor1D;
  });
}

/**
 * What a network says of each class that it tells apart, for the loss that teaches it to.
 *
 * @param faces float32 [N, S, S, 3], RGB in [0, 255]
 * @returns float32 [N, 1]: the logits; [N, 3] where it tells authentic, altered and synthesised faces apart
 */
export function classLogits(
  discriminator: Discriminator,
  faces: Tensor4D,
  mode: Mode,
  options: LogitsOptions = {},
): Tensor2D {
  const { parameters, architecture } = discriminator;
  return tf.tidy(() => {
    if (!hasStatistics(architecture)) return tf.expandDims(logits(discriminator, faces, mode, options), 1);
    const statistics = trunkStatistics(parameters, faces, trunkModeOf(mode, options));
    return statisticsClasses(parameters, statistics, options);
  }) as Tensor2D;
}

/**
 * What either view of a fused network says by itself.
 *
 * @param faces float32 [N, S, S, 3], RGB in [0, 255]
 * @returns float32 [N, 2]
 * @throws TelltaleError `MODEL_INVALID` for a network of one view
 */
export function viewLogits({ architecture, parameters }: Discriminator, faces: Tensor4D): Tensor2D {
  if (isFused(architecture))
    return eachViewsLogits(parameters, faces, viewsOf(architecture, "inference", {}));
  throw new TelltaleError("MODEL_INVALID", `Expected a network of two views but received "${architecture}".`);
}

function viewsOf(architecture: FusedArchitecture, mode: Mode, options: LogitsOptions) {
  const view = (of: TrunkArchitecture) => (part: Parameters, seen: Tensor4D) =>
    logits({ architecture: of, parameters: part }, seen, mode, options);
  return { first: view("face-trunk"), second: view(FUSED[architecture]) };
}

/** Mean over all heads; each face by itself, whatever else is in the batch. */
function ganLogits(discriminator: Discriminator, faces: Tensor4D, mode: Mode): Tensor1D {
  return tf.tidy(() => {
    const images = tf.sub(tf.div(faces, 127.5), 1) as Tensor4D;
    const pass: Pass = { mode, hasBatchStatistics: false, isUpdating: mode === "training" };
    const { heads } = judge(discriminator, images, pass);
    return tf.mean(tf.concat([...heads], 1), 1) as Tensor1D;
  });
}
