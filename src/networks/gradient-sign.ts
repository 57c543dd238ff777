import { type Tensor4D, tf } from "../engine/index.ts";
import type { Discriminator } from "./discriminator.ts";
import { logits } from "./logits.ts";

/**
 * Which way each value has to move for the network to err more: the sign of the gradient of every face's logit, down for
 * authentic faces and up for forged ones (Goodfellow et al. 2015).
 *
 * @param faces float32 [N, S, S, 3], RGB in [0, 255]
 * @param isReal of each face
 * @returns float32 [N, S, S, 3], each -1, 0 or 1
 */
export function gradientSign(
  discriminator: Discriminator,
  faces: Tensor4D,
  isReal: readonly boolean[],
): Tensor4D {
  return tf.tidy(() => {
    const sides = tf.tensor1d(isReal.map((real) => (real ? -1 : 1)));
    // Of the sum over faces: one does not act on another.
    const slope = tf.grad((x) => tf.sum(tf.mul(sides, logits(discriminator, x as Tensor4D, "inference"))));
    return tf.sign(slope(faces)) as Tensor4D;
  });
}
