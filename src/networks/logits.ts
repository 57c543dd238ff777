import { dropout, type Tensor1D, type Tensor2D, type Tensor4D, tf } from "../engine/index.ts";
import { TelltaleError } from "../errors.ts";
import {
  type Architecture,
  FUSED,
  type FusedArchitecture,
  hasStatistics,
  isFused,
  type TrunkArchitecture,
} from "./architectures.ts";
import type { Discriminator } from "./discriminator.ts";
import { type Mode, trunkFeatures } from "./face-trunk.ts";
import { families } from "./gan/families.ts";
import type { Judgement, Pass } from "./gan/gan-network.ts";
import { judgeProjected } from "./gan/projected.ts";
import type { Parameters } from "./parameters.ts";
import { statisticsClasses, statisticsLogits, trunkStatistics } from "./trunk-statistics.ts";
import { eachViewsLogits, twoViewsLogits } from "./two-views.ts";

type JudgingArchitecture = Exclude<Architecture, TrunkArchitecture | FusedArchitecture>;

function isGan(architecture: Architecture): architecture is JudgingArchitecture {
  return architecture !== "face-trunk" && !hasStatistics(architecture) && !isFused(architecture);
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
