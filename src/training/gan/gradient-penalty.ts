import { type Scalar, type Tensor, type Tensor4D, tf, type Variable } from "../../engine/index.ts";

/** Step of the finite difference: root mean square displacement of an image. */
const STEP = 0.1;

/**
 * R1 (Mescheder, Geiger & Nowozin 2018) and its gradient: weight / 2 * mean over the images of |d D(x) / d x|^2.
 *
 * TensorFlow.js kernels have no second derivatives, so a central difference of first derivatives is used (Pearlmutter 1994).
 * With S the sum of the logits and a constant g = dS/dx, the gradient of |g|^2 / 2 with respect to the weights is the gradient
 * of (S(x + e g) - S(x - e g)) / 2e, up to O(e^2). It takes two more forward and backward passes.
 *
 * @param images float32 [N, S, S, 3]
 * @param logitsOf logits of the images, of any shape; called three times
 * @returns the penalty, and its gradients by variable name; the caller disposes the gradients
 */
export function r1Penalty(
  images: Tensor4D,
  logitsOf: (images: Tensor4D) => Tensor,
  { weight, variables }: { weight: number; variables: readonly Variable[] },
): { value: number; gradients: Record<string, Tensor> } {
  const total = (x: Tensor4D) => tf.sum(logitsOf(x)) as Scalar;
  const gradient = tf.grad((x) => total(x as Tensor4D))(images) as Tensor4D;
  const count = images.shape[0];
  const energy = tf.tidy(() => tf.sum(tf.square(gradient)).dataSync()[0]!);
  const rms = Math.sqrt(energy / count);
  const epsilon = rms > 0 ? STEP / rms : STEP;
  const [above, below] = tf.tidy(() => {
    const move = tf.mul(gradient, epsilon);
    return [tf.add(images, move) as Tensor4D, tf.sub(images, move) as Tensor4D];
  });
  const { value, grads } = tf.variableGrads(
    () => tf.mul(tf.sub(total(above), total(below)), weight / (2 * epsilon * count)) as Scalar,
    [...variables],
  );
  tf.dispose([gradient, above, below, value]);
  return { value: ((weight / 2) * energy) / count, gradients: grads };
}
