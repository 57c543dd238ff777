import { type Scalar, type Tensor, type Tensor4D, tf, type Variable } from "../../engine/index.ts";

/** Step of the finite difference: root mean square length, over the batch, of the move of one image. */
const STEP = 0.1;

/**
 * R1 (Mescheder, Geiger & Nowozin 2018) and its gradient: weight / 2 * mean over the images of |d D(x) / d x|^2.
 *
 * The kernels' gradients have no gradients here, so the second derivative is taken as what it is, a change of the first
 * one along a direction. With S the sum of the logits and g = dS/dx held fixed, the gradient of |g|^2 / 2 with respect to
 * the weights is that of the slope of S along g: (S(x + e g) - S(x - e g)) / 2e, exact but for e^2 (Pearlmutter 1994 by
 * central difference). Two forward and backward passes more, for any network.
 *
 * @param images float32 [N, S, S, 3]
 * @param logitsOf sum of all heads for each image, float32 [N]; called three times
 * @returns the penalty, and its gradients by the variables' names; the caller disposes of them
 */
export function r1Penalty(
  images: Tensor4D,
  logitsOf: (images: Tensor4D) => Tensor,
  { weight, variables }: { weight: number; variables: readonly Variable[] },
): { value: number; gradients: Record<string, Tensor> } {
  const total = (x: Tensor4D) => tf.sum(logitsOf(x)) as Scalar;
  const slope = tf.grad((x) => total(x as Tensor4D))(images) as Tensor4D;
  const count = images.shape[0];
  const energy = tf.tidy(() => tf.sum(tf.square(slope)).dataSync()[0]!);
  const rms = Math.sqrt(energy / count);
  const epsilon = rms > 0 ? STEP / rms : STEP;
  const [above, below] = tf.tidy(() => {
    const move = tf.mul(slope, epsilon);
    return [tf.add(images, move) as Tensor4D, tf.sub(images, move) as Tensor4D];
  });
  const { value, grads } = tf.variableGrads(
    () => tf.mul(tf.sub(total(above), total(below)), weight / (2 * epsilon * count)) as Scalar,
    [...variables],
  );
  tf.dispose([slope, above, below, value]);
  return { value: ((weight / 2) * energy) / count, gradients: grads };
}
