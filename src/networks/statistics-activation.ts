import {
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  type Tensor3D,
  type Tensor4D,
  tf,
} from "../engine/index.ts";
import { trunkMaps } from "./face-trunk.ts";
import { onWhole } from "./middle.ts";
import type { Parameters } from "./parameters.ts";
import { STATISTICS_BLOCKS, seenOf, statisticsLogits, statisticsOf } from "./trunk-statistics.ts";

/**
 * What each part of a face adds to its logit.
 *
 * Around a given face the logit is taken as linear in the statistics, and every statistic is a mean over cells (a deviation d of
 * a channel x with mean m is the mean of (x - m)^2 / d). So the logit is the mean of the shares of the cells; what belongs
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
    const maps = trunkMaps(parameters, faces, "inference", STATISTICS_BLOCKS);
    const seen = seenOf(parameters, maps);
    const statistics = seen.map(statisticsOf);
    const all = tf.concat(statistics.flat(), 1) as Tensor2D;
    const logits = statisticsLogits(parameters, all);
    const slopes = slopesOf(parameters, all);
    const grid = faces.shape[1] / 16;
    let offset = 0;
    const shares = seen.map((map, i): Tensor3D => {
      const [mean, deviation] = statistics[i]!;
      const channels = map.shape[3];
      const slopeAt = (from: number) => spread(tf.slice(slopes, [0, from], [-1, channels]));
      const centred = tf.sub(map, spread(mean));
      const cells = tf.add(
        tf.mul(map, slopeAt(offset)),
        tf.mul(tf.div(tf.square(centred), spread(deviation)), slopeAt(offset + channels)),
      );
      offset += 2 * channels;
      const { shape } = maps[i]!;
      return toGrid(onWhole(tf.sum(cells, 3, true) as Tensor4D, shape[1]), grid);
    });
    const sum = tf.addN(shares) as Tensor3D;
    return { logits, maps: aroundLogits(sum, logits) };
  });
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

/** Change of each face's logit with each of its statistics around the given ones, [N, F]; 0 where one is cut off. */
export function slopesOf(parameters: Parameters, statistics: Tensor2D): Tensor2D {
  const sum = (of: Tensor) => tf.sum(statisticsLogits(parameters, of as Tensor2D));
  return tf.grad(sum)(statistics) as Tensor2D;
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
