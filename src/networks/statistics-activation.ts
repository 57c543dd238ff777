import {
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  type Tensor3D,
  type Tensor4D,
  tf,
} from "../engine/index.ts";
import { BLOCK_SCALES } from "./face-trunk.ts";
import { onWhole } from "./middle.ts";
import type { Parameters } from "./parameters.ts";
import {
  apart,
  FARTHEST,
  hiddenSums,
  logitOfClasses,
  momentsOf,
  type Seen,
  seenMaps,
  standardise,
  statisticsClasses,
  statisticsOfSeen,
} from "./trunk-statistics.ts";

/**
 * What each part of a face adds to its logit.
 *
 * Around a given face the head is linear in the statistics, and every statistic is a mean over cells (a deviation d of a
 * channel x with mean m is the mean of (x - m)^2 / d; a distance is one of distances, half at either of the two places). So the logit is the mean of the shares of the cells; what belongs
 * to no place, the constant, is spread evenly. Maps of all blocks are brought to one grid, and the mean stays what it is.
 * What is shown is drawn in around the mean where the shares spread further than the logits of faces do.
 *
 * @param faces float32 [N, S, S, 3], RGB in [0, 255], S a multiple of 32
 * @returns `logits` float32 [N]; `maps` float32 [N, S / 16, S / 16], whose mean is the face's logit
 */
export function statisticsActivation(
  parameters: Parameters,
  faces: Tensor4D,
): { logits: Tensor1D; maps: Tensor3D } {
  return tf.tidy(() => {
    const seen = seenMaps(parameters, faces, "inference");
    const all = statisticsOfSeen(seen);
    const classes = statisticsClasses(parameters, all);
    const logits = logitOfClasses(classes);
    const slopes = slopesOf(parameters, all, classes);
    const side = faces.shape[1];
    const shares = cellShares(seen, slopes).map((cells, i) =>
      toGrid(onWhole(cells, side / BLOCK_SCALES[i + 1]!), side / 16),
    );
    const sum = tf.addN(shares) as Tensor3D;
    return { logits, maps: aroundLogits(sum, logits) };
  });
}

/** What each cell of what is seen of each block adds, [N, S', S', 1]. */
function cellShares({ maps, mirrored }: Seen, slopes: Tensor2D): Tensor4D[] {
  const widths = maps.map((map) => map.shape[3]);
  const all = widths.reduce((sum, width) => sum + width, 0);
  const before = (nth: number) => widths.slice(0, nth).reduce((sum, width) => sum + width, 0);
  return maps.map((map, i) => {
    const slopeAt = (from: number) => spread(tf.slice(slopes, [0, from], [-1, widths[i]!]));
    const [ofMean, ofDeviation] = [slopeAt(2 * before(i)), slopeAt(2 * before(i) + widths[i]!)];
    const own = momentShares(map, ofMean, ofDeviation);
    if (mirrored === null) return own;
    const others = mirror(momentShares(mirrored[i]!, ofMean, ofDeviation));
    const distances = tf.mul(tf.abs(tf.sub(map, mirrored[i]!)), slopeAt(2 * all + before(i)));
    // A distance belongs to both places that it lies between.
    const apart = tf.sum(distances, 3, true) as Tensor4D;
    return tf.mul(tf.addN([own, others, apart, mirror(apart)]), 0.5) as Tensor4D;
  });
}

const mirror = (cells: Tensor4D) => tf.reverse(cells, 2) as Tensor4D;

function momentShares(map: Tensor4D, ofMean: Tensor4D, ofDeviation: Tensor4D): Tensor4D {
  const [mean, deviation] = momentsOf(map);
  const centred = tf.sub(map, spread(mean));
  const cells = tf.add(
    tf.mul(map, ofMean),
    tf.mul(tf.div(tf.square(centred), spread(deviation)), ofDeviation),
  );
  return tf.sum(cells, 3, true) as Tensor4D;
}

/** Shares of cells spread further than logits of faces do; a map is drawn in to this deviation, so that it can be read. */
const WIDEST = 2;

/** The maps [N, g, g] moved so that the mean of each is its logit [N], and drawn in around it where they spread too far. */
export function aroundLogits(maps: Tensor3D, logits: Tensor1D): Tensor3D {
  return tf.tidy(() => {
    const { mean, variance } = tf.moments(maps, [1, 2], true);
    const scale = tf.minimum(1, tf.div(WIDEST, tf.sqrt(tf.add(variance, 1e-12))));
    const spread = tf.mul(tf.sub(maps, mean), scale);
    return tf.add(spread, tf.reshape(logits, [-1, 1, 1])) as Tensor3D;
  });
}

/** Change of the logit with each statistic around the given ones, [N, F]; 0 where one is cut off. */
function slopesOf(parameters: Parameters, statistics: Tensor2D, classes: Tensor2D): Tensor2D {
  const standardised = standardise(parameters, statistics);
  const isOn = tf.greater(hiddenSums(parameters, standardised), 0);
  // The logit rises with the first class, and falls with each other by its share of them.
  const { authentic, forged } = apart(classes);
  const first = tf.expandDims(tf.onesLike(authentic), 1);
  const weights = (forged === null ? first : tf.concat([first, tf.neg(tf.softmax(forged))], 1)) as Tensor2D;
  const kernel = parameters.get("head/kernel") as unknown as Tensor2D;
  const back = tf.mul(tf.cast(isOn, "float32"), tf.matMul(weights, kernel, false, true)) as Tensor2D;
  const slopes = tf.matMul(back, tf.transpose(parameters.get("head/hidden/kernel")) as Tensor2D);
  const isWithin = tf.cast(tf.less(tf.abs(standardised), FARTHEST), "float32");
  return tf.mul(tf.div(slopes, parameters.get("statistics/deviation")), isWithin) as Tensor2D;
}

/** [N, C] -> [N, 1, 1, C] */
function spread(values: Tensor): Tensor4D {
  return tf.reshape(values, [values.shape[0]!, 1, 1, values.shape[1]!]) as Tensor4D;
}

/** Cells [N, s, s, 1] on a grid [N, g, g] of the same mean: averaged where there are more, repeated where there are less. */
function toGrid(cells: Tensor4D, grid: number): Tensor3D {
  const side = cells.shape[1];
  const fitted =
    side > grid
      ? tf.avgPool(cells, side / grid, side / grid, "valid")
      : tf.image.resizeNearestNeighbor(cells, [grid, grid]);
  return tf.reshape(fitted, [-1, grid, grid]) as Tensor3D;
}
