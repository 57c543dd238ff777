import { dropout, type Tensor1D, type Tensor2D, type Tensor3D, type Tensor4D, tf } from "../engine/index.ts";
import { BACKBONE_CHANNELS, BLOCK_CHANNELS, BLOCK_STRIDES, backboneMaps, type Mode } from "./mobilenet-v1.ts";
import type { ParameterSpec, Parameters } from "./parameters.ts";

/** Classes of the classification head, in the order of its logits. */
export const CLASSES = { real: 0, manipulated: 1, synthetic: 2 } as const;
export const CLASS_COUNT = 3;

/** The block whose map the localization head reads: cells of 16 px, 14 x 14 for a crop of 224 px. */
const LOCALIZATION_BLOCK = 11;
const LAST_BLOCK = BLOCK_STRIDES.length;

/** Head tensors: a linear layer on the pooled last map, and a 1 x 1 convolution on the map of block 11. */
export const headSpecs: readonly ParameterSpec[] = [
  { name: "classes/kernel", shape: [BACKBONE_CHANNELS, CLASS_COUNT], initial: { deviation: 0.01 } },
  { name: "classes/bias", shape: [CLASS_COUNT] },
  { name: "localization/kernel", shape: [BLOCK_CHANNELS[LOCALIZATION_BLOCK - 1]!, 1], initial: { value: 0 } },
  { name: "localization/bias", shape: [1] },
];

/** Output of both heads for N faces. */
export interface HeadLogits {
  /** float32 [N, 3]: real, manipulated, synthetic. */
  readonly classes: Tensor2D;
  /** float32 [N, S / 16, S / 16]: above 0 where the face is fake. */
  readonly localization: Tensor3D;
}

export interface HeadOptions {
  /** Fraction of the pooled features that is dropped, training only (Srivastava et al. 2014). */
  readonly dropout?: number;
  /** Seed of the dropout mask. */
  readonly seed?: number;
  /** Runs the backbone with the faster inference kernels, which have no gradients. */
  readonly isBackboneFrozen?: boolean;
}

/**
 * Runs the backbone and both heads.
 *
 * @param faces float32 [N, S, S, 3], RGB in [0, 255]; S is a multiple of 32
 */
export function headLogits(
  parameters: Parameters,
  faces: Tensor4D,
  mode: Mode,
  options: HeadOptions = {},
): HeadLogits {
  return tf.tidy(() => {
    const backboneMode = options.isBackboneFrozen ? "inference" : mode;
    const [middle, last] = backboneMaps(parameters, faces, backboneMode, [
      LOCALIZATION_BLOCK,
      LAST_BLOCK,
    ]) as [Tensor4D, Tensor4D];
    const pooled = tf.mean(last, [1, 2]) as Tensor2D;
    const features = mode === "training" ? dropout(pooled, options.dropout ?? 0, options.seed) : pooled;
    const classes = linear(parameters, "classes", features);
    const [count, height, width, channels] = middle.shape;
    const cells = linear(parameters, "localization", tf.reshape(middle, [-1, channels]));
    return { classes, localization: tf.reshape(cells, [count, height, width]) as Tensor3D };
  });
}

function linear(parameters: Parameters, name: string, features: Tensor2D): Tensor2D {
  const kernel = parameters.get(`${name}/kernel`) as unknown as Tensor2D;
  return tf.add(tf.matMul(features, kernel), parameters.get(`${name}/bias`));
}

/**
 * Log-odds of real against both fake classes together.
 *
 * @param classes float32 [N, 3]
 * @returns float32 [N]; above 0 leans to real
 */
export function realLogit(classes: Tensor2D): Tensor1D {
  return tf.tidy(() => {
    const real = tf.slice(classes, [0, CLASSES.real], [-1, 1]);
    const fakes = tf.slice(classes, [0, CLASSES.manipulated], [-1, 2]);
    return tf.sub(tf.reshape(real, [-1]), tf.logSumExp(fakes, 1)) as Tensor1D;
  });
}
