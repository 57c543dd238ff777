import { type Tensor1D, type Tensor2D, type Tensor3D, type Tensor4D, tf } from "../engine/index.ts";
import { hasStatistics, isFused } from "./architectures.ts";
import type { Discriminator } from "./discriminator.ts";
import { TRUNK_CHANNELS, trunkFeatures } from "./face-trunk.ts";
import type { Parameters } from "./parameters.ts";
import { statisticsActivation } from "./statistics-activation.ts";
import { twoViewsActivation } from "./two-views.ts";

/** Whether a network's logit is a mean of what the cells of a map say: those on the face trunk have such a map. */
export function hasClassActivation({ architecture }: Discriminator): boolean {
  return architecture === "face-trunk" || hasStatistics(architecture) || isFused(architecture);
}

/**
 * Which parts of a face speak for authentic and which for forged: the class activation map (Zhou et al. 2016).
 *
 * Exact, not an approximation: the head of `face-trunk` is linear over the mean of the trunk's last map, so the logit is
 * the mean of the logits that the cells of the map have by themselves; for the others see there.
 *
 * @param discriminator one for which `hasClassActivation` holds
 * @param faces float32 [N, S, S, 3], RGB in [0, 255]
 * @returns `logits` float32 [N], the same as `logits()` gives; `maps` float32 [N, S / 32, S / 32] (of statistics:
 *   S / 16), the logit of each cell, whose mean is the face's logit
 */
export function classActivation(
  { parameters, architecture }: Discriminator,
  faces: Tensor4D,
): { logits: Tensor1D; maps: Tensor3D } {
  if (hasStatistics(architecture)) return statisticsActivation(parameters, faces);
  if (isFused(architecture)) {
    const first = (part: Parameters, seen: Tensor4D) =>
      classActivation({ parameters: part, architecture: "face-trunk" }, seen);
    return twoViewsActivation(parameters, faces, { first, second: statisticsActivation });
  }
  return tf.tidy(() => {
    const features = trunkFeatures(parameters, faces, "inference");
    const [count, height, width] = features.shape;
    const kernel = parameters.get("head/kernel") as unknown as Tensor2D;
    const bias = parameters.get("head/bias");
    const mean = tf.mean(features, [1, 2]) as Tensor2D;
    const logits = tf.reshape(tf.add(tf.matMul(mean, kernel), bias), [-1]) as Tensor1D;
    const cells = tf.matMul(tf.reshape(features, [-1, TRUNK_CHANNELS]) as Tensor2D, kernel);
    return { logits, maps: tf.reshape(tf.add(cells, bias), [count, height, width]) as Tensor3D };
  });
}
