import { dropout, type Tensor1D, type Tensor2D, type Tensor4D, tf } from "../engine/index.ts";
import { BLOCK_CHANNELS, type Mode, trunkMaps, trunkSpecs } from "./face-trunk.ts";
import { middleOf } from "./middle.ts";
import type { ParameterSpec, Parameters } from "./parameters.ts";

/** Blocks of the trunk whose maps are looked at: from textures (2) to parts of faces (13). */
const STATISTICS_BLOCKS: readonly number[] = BLOCK_CHANNELS.map((_, i) => i + 1).slice(1);
const CHANNELS: number = BLOCK_CHANNELS.slice(1).reduce((sum, n) => sum + n, 0);
/** What a head is told of a face. */
export type StatisticsOf = "crop" | "face" | "symmetry";
/**
 * Mean and deviation of every channel of these blocks; of `symmetry` also how far the face's map is from that of its mirror
 * image.
 */
export const STATISTICS_COUNT: Readonly<Record<StatisticsOf, number>> = {
  crop: 2 * CHANNELS,
  face: 2 * CHANNELS,
  symmetry: 3 * CHANNELS,
};
/** Of a crop of margin 1.3, the middle that is the face itself: what surrounds it tells clips apart from pictures, not forgeries. */
const FACE_SHARE = 0.75;
const HIDDEN = 256;
/** Authentic, altered (a face that was there and was swapped, re-enacted or retouched), synthesised (one that never was). */
const CLASSES = 3;
/** A standardised value is cut off here: a face unlike all that were trained on must not weigh more than that. */
export const FARTHEST = 6;
/** Channels that hardly change have no deviation below this. */
const LEAST_DEVIATION = 1e-3;

/**
 * The trunk, then the mean and the deviation over space of every channel of twelve of its blocks, standardised by those of
 * the training faces, then one hidden layer. Style statistics (Gatys et al. 2016; Huang & Belongie 2017) keep what a mean
 * of the last map loses: the textures that a generator leaves.
 *
 * @param of `crop`: over the whole crop, and the head says one number, authentic or forged; `face`: over its middle, and the
 *   head tells authentic, altered and synthesised faces apart; `symmetry`: the same of the face and its mirror image, the mean
 *   of both, and besides the mean distance of the one's maps from the other's: generators make eyes, ears and glasses that do
 *   not match (Matern et al. 2019; Hu et al. 2021)
 */
export function trunkStatisticsSpecs(of: StatisticsOf): readonly ParameterSpec[] {
  const count = STATISTICS_COUNT[of];
  const classes = of === "crop" ? 1 : CLASSES;
  return [
    ...trunkSpecs,
    { name: "statistics/mean", shape: [count], initial: { value: 0 }, isTrained: false },
    { name: "statistics/deviation", shape: [count], initial: { value: 1 }, isTrained: false },
    { name: "head/hidden/kernel", shape: [count, HIDDEN], initial: { deviation: 0.3 / Math.sqrt(count) } },
    { name: "head/hidden/bias", shape: [HIDDEN] },
    { name: "head/kernel", shape: [HIDDEN, classes], initial: { deviation: 0.5 / Math.sqrt(HIDDEN) } },
    { name: "head/bias", shape: [classes] },
  ];
}

/** Maps of the blocks that are looked at, as far as the head sees them, and what they say. */
export interface Seen {
  /** float32 [N, S', S', C] for each block. */
  readonly maps: readonly Tensor4D[];
  /** The same of the mirror images, which lie as those of the faces do; null where the head does not look at them. */
  readonly mirrored: readonly Tensor4D[] | null;
}

/** @param faces float32 [N, S, S, 3], RGB in [0, 255] */
export function seenMaps(parameters: Parameters, faces: Tensor4D, mode: Mode): Seen {
  const share = seenShare(parameters);
  const look = (at: Tensor4D) =>
    trunkMaps(parameters, at, mode, STATISTICS_BLOCKS).map((map) => middleOf(map, share));
  const looksTwice = statisticsCount(parameters) === STATISTICS_COUNT.symmetry;
  return { maps: look(faces), mirrored: looksTwice ? look(tf.reverse(faces, 2) as Tensor4D) : null };
}

/**
 * @param faces float32 [N, S, S, 3], RGB in [0, 255]
 * @returns float32 [N, F]: means, then deviations, block after block; of symmetry then the distances of each block
 */
export function trunkStatistics(parameters: Parameters, faces: Tensor4D, mode: Mode): Tensor2D {
  return tf.tidy(() => statisticsOfSeen(seenMaps(parameters, faces, mode)));
}

/** @returns float32 [N, F] */
export function statisticsOfSeen({ maps, mirrored }: Seen): Tensor2D {
  const own = tf.concat(maps.flatMap(momentsOf), 1) as Tensor2D;
  if (mirrored === null) return own;
  const others = tf.concat(mirrored.flatMap(momentsOf), 1);
  const distances = maps.map((map, i) => meanOf(tf.abs(tf.sub(map, mirrored[i]!))));
  return tf.concat([tf.mul(tf.add(own, others), 0.5), ...distances], 1) as Tensor2D;
}

/** How many statistics the head takes. */
export function statisticsCount(parameters: Parameters): number {
  return parameters.get("statistics/mean").shape[0]!;
}

/** Side of what the head sees of each map, as a share of the map's: heads of one class all of it, the others the face. */
export function seenShare(parameters: Parameters): number {
  return parameters.get("head/bias").shape[0] === 1 ? 1 : FACE_SHARE;
}

/** Mean and deviation over space, each [N, C]. */
export function momentsOf(map: Tensor4D): [Tensor2D, Tensor2D] {
  const mean = meanOf(map);
  const variance = tf.sub(meanOf(tf.square(map)), tf.square(mean));
  // Not below 0 by rounding; and the root has no slope at 0, where a channel is the same all over.
  return [mean, tf.sqrt(tf.add(tf.relu(variance), 1e-6)) as Tensor2D];
}

/** Over space, [N, C]; pooling takes half the time of `tf.mean` over two axes. */
function meanOf(map: Tensor4D): Tensor2D {
  const [count, height, width, channels] = map.shape;
  return tf.reshape(tf.avgPool(map, [height, width], 1, "valid"), [count, channels]) as Tensor2D;
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
    const hidden = tf.relu(hiddenSums(parameters, drop(standardise(parameters, statistics), 0)));
    const kernel = parameters.get("head/kernel") as unknown as Tensor2D;
    return tf.add(tf.matMul(drop(hidden as Tensor2D, 1), kernel), parameters.get("head/bias")) as Tensor2D;
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
    const { authentic, forged } = apart(classes);
    return (forged === null ? authentic : tf.sub(authentic, tf.logSumExp(forged, 1))) as Tensor1D;
  });
}

/** The first class, [N], and the others, [N, 2], if there are any. */
export function apart(classes: Tensor2D): { authentic: Tensor1D; forged: Tensor2D | null } {
  const [count, width] = classes.shape;
  const authentic = tf.reshape(tf.slice(classes, [0, 0], [count, 1]), [-1]) as Tensor1D;
  return { authentic, forged: width === 1 ? null : tf.slice(classes, [0, 1], [count, width - 1]) };
}

export function hiddenSums(parameters: Parameters, standardised: Tensor2D): Tensor2D {
  const kernel = parameters.get("head/hidden/kernel") as unknown as Tensor2D;
  return tf.add(tf.matMul(standardised, kernel), parameters.get("head/hidden/bias")) as Tensor2D;
}
