import { dropout, type Tensor1D, type Tensor2D, type Tensor4D, tf } from "../engine/index.ts";
import { BLOCK_CHANNELS, type Mode, trunkMaps, trunkSpecs } from "./face-trunk.ts";
import { middleOf } from "./middle.ts";
import type { ParameterSpec, Parameters } from "./parameters.ts";
import { hasSynthesisForm, synthesisPenalty, synthesisSpecs } from "./synthesis-form.ts";

/** Blocks of the trunk whose maps are looked at: from textures (2) to parts of faces (13). */
export const STATISTICS_BLOCKS: readonly number[] = BLOCK_CHANNELS.map((_, i) => i + 1).slice(1);
/** Mean and deviation of every channel of these blocks, over one window. */
export const STATISTICS_COUNT: number = 2 * BLOCK_CHANNELS.slice(1).reduce((sum, n) => sum + n, 0);
/** Of a crop of margin 1.3, the middle that is the face itself: what surrounds it tells clips apart from pictures, not forgeries. */
const FACE_SHARE = 0.75;
const HIDDEN = 256;
/** Authentic, altered (a face that was there and was swapped, re-enacted or retouched), synthesised (one that never was). */
const CLASSES = 3;
/** A standardised value is cut off here: a face unlike all that were trained on must not weigh more than that. */
const FARTHEST = 6;
/** Channels that hardly change have no deviation below this. */
const LEAST_DEVIATION = 1e-3;

/**
 * The trunk, then the mean and the deviation over space of every channel of twelve of its blocks, standardised by those of
 * the training faces, then one hidden layer. Style statistics (Gatys et al. 2016; Huang & Belongie 2017) keep what a mean
 * of the last map loses: the textures that a generator leaves.
 *
 * @param of `crop`: over the whole crop, and the head says one number, authentic or forged; `face`: over its middle, and the
 *   head tells authentic, altered and synthesised faces apart; `synthesis`: the same, and a quadratic form that only looks for
 *   synthesised ones
 */
export function trunkStatisticsSpecs(of: "crop" | "face" | "synthesis"): readonly ParameterSpec[] {
  const count = STATISTICS_COUNT;
  const classes = of === "crop" ? 1 : CLASSES;
  return [
    ...trunkSpecs,
    { name: "statistics/mean", shape: [count], initial: { value: 0 }, isTrained: false },
    { name: "statistics/deviation", shape: [count], initial: { value: 1 }, isTrained: false },
    { name: "head/hidden/kernel", shape: [count, HIDDEN], initial: { deviation: 0.3 / Math.sqrt(count) } },
    { name: "head/hidden/bias", shape: [HIDDEN] },
    { name: "head/kernel", shape: [HIDDEN, classes], initial: { deviation: 0.5 / Math.sqrt(HIDDEN) } },
    { name: "head/bias", shape: [classes] },
    ...(of === "synthesis" ? synthesisSpecs(count) : []),
  ];
}

/**
 * @param faces float32 [N, S, S, 3], RGB in [0, 255]
 * @returns float32 [N, STATISTICS_COUNT]: means, then deviations, block after block
 */
export function trunkStatistics(parameters: Parameters, faces: Tensor4D, mode: Mode): Tensor2D {
  return tf.tidy(() => {
    const maps = trunkMaps(parameters, faces, mode, STATISTICS_BLOCKS);
    return tf.concat(seenOf(parameters, maps).flatMap(statisticsOf), 1) as Tensor2D;
  });
}

/** Side of what the head sees of each map, as a share of the map's: heads of one class all of it, the others the face. */
export function seenShare(parameters: Parameters): number {
  return parameters.get("head/bias").shape[0] === 1 ? 1 : FACE_SHARE;
}

export function seenOf(parameters: Parameters, maps: readonly Tensor4D[]): Tensor4D[] {
  return maps.map((map) => middleOf(map, seenShare(parameters)));
}

/** Mean and deviation over space, each [N, C]. */
export function statisticsOf(map: Tensor4D): [Tensor2D, Tensor2D] {
  const [count, height, width, channels] = map.shape;
  // Pooling takes half the time of `tf.moments`.
  const pool = (x: Tensor4D) =>
    tf.reshape(tf.avgPool(x, [height, width], 1, "valid"), [count, channels]) as Tensor2D;
  const mean = pool(map);
  const variance = tf.sub(pool(tf.square(map)), tf.square(mean));
  // Not below 0 by rounding; and the root has no slope at 0, where a channel is the same all over.
  return [mean, tf.sqrt(tf.add(tf.relu(variance), 1e-6)) as Tensor2D];
}

/** @returns float32 [N, F] in [-6, 6] */
export function standardise(parameters: Parameters, statistics: Tensor2D): Tensor2D {
  const centred = tf.sub(statistics, parameters.get("statistics/mean"));
  return tf.clipByValue(
    tf.div(centred, parameters.get("statistics/deviation")),
    -FARTHEST,
    FARTHEST,
  ) as Tensor2D;
}

/** Sets what statistics are standardised by. @param statistics float32 [N, F], of training faces */
export function setStandard(parameters: Parameters, statistics: Tensor2D): void {
  tf.tidy(() => {
    const { mean, variance } = tf.moments(statistics, 0);
    parameters.get("statistics/mean").assign(mean);
    parameters.get("statistics/deviation").assign(tf.maximum(tf.sqrt(variance), LEAST_DEVIATION));
  });
}

/**
 * What the head says of each class by itself: of one class, whether it is authentic, above 0 or below; of three, their
 * logarithms but for a constant.
 *
 * @param statistics float32 [N, F] of `trunkStatistics`
 * @param options.dropout share left out before each of the two layers (Srivastava et al. 2014), training only
 * @returns float32 [N, 1] or [N, 3]: authentic, altered, synthesised
 */
export function statisticsClasses(
  parameters: Parameters,
  statistics: Tensor2D,
  { dropout: share = 0, seed }: { dropout?: number; seed?: number } = {},
): Tensor2D {
  return tf.tidy(() => {
    const drop = (x: Tensor2D, nth: number) => dropout(x, share, seed === undefined ? seed : 2 * seed + nth);
    const layer = (x: Tensor2D, name: string) => {
      const kernel = parameters.get(`${name}/kernel`) as unknown as Tensor2D;
      return tf.add(tf.matMul(x, kernel), parameters.get(`${name}/bias`)) as Tensor2D;
    };
    const hidden = tf.relu(layer(drop(standardise(parameters, statistics), 0), "head/hidden")) as Tensor2D;
    return layer(drop(hidden, 1), "head");
  });
}

/**
 * How much more likely authentic is than all others together.
 *
 * @param classes float32 [N, 1] or [N, 3] of `statisticsClasses`
 * @returns float32 [N]; above 0 leans to authentic
 */
export function logitOfClasses(classes: Tensor2D): Tensor1D {
  return tf.tidy(() => {
    const [count, width] = classes.shape;
    const authentic = tf.reshape(tf.slice(classes, [0, 0], [count, 1]), [-1]) as Tensor1D;
    if (width === 1) return authentic;
    return tf.sub(authentic, tf.logSumExp(tf.slice(classes, [0, 1], [count, width - 1]), 1)) as Tensor1D;
  });
}

/**
 * What head and form say together.
 *
 * @param statistics float32 [N, F] of `trunkStatistics`
 * @param options as for `statisticsClasses`
 * @returns float32 [N]; above 0 leans to authentic
 */
export function statisticsLogits(
  parameters: Parameters,
  statistics: Tensor2D,
  options: { dropout?: number; seed?: number } = {},
): Tensor1D {
  return tf.tidy(() => {
    const ofClasses = logitOfClasses(statisticsClasses(parameters, statistics, options));
    if (!hasSynthesisForm(parameters)) return ofClasses;
    return tf.add(ofClasses, synthesisPenalty(parameters, standardise(parameters, statistics))) as Tensor1D;
  });
}
