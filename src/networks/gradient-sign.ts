import { type Tensor4D, tf } from "../engine/index.ts";
import type { Discriminator } from "./discriminator.ts";
import { logits } from "./logits.ts";

/**
 * Direction of the fast gradient sign method (Goodfellow et al. 2015): the sign of the gradient that lowers the logit of
 * real faces and raises that of fakes.
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
    // The faces are independent, so the gradient of the sum holds the gradient of each.
    const gradient = tf.grad((x) => tf.sum(tf.mul(sides, logits(discriminator, x as Tensor4D, "inference"))));
    return tf.sign(gradient(faces)) as Tensor4D;
  });
}
