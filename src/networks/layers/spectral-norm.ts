import { type Tensor, type Tensor2D, tf, type Variable } from "../../engine/index.ts";

/**
 * Divides a kernel by its largest singular value, estimated by one power iteration per step (Miyato et al. 2018).
 *
 * With the unit vectors u, v of the iteration and s = u' W v, the gradient of W / s is (dy - <dy, W / s> u v') / s; u and v
 * are constants, as in the paper.
 *
 * @param kernel float32 [..., out]
 * @param direction float32 [out, 1], state of the iteration; updated if `isUpdating`
 */
export function spectrallyNormalised(kernel: Tensor, direction: Variable, isUpdating: boolean): Tensor {
  const normalise = tf.customGrad((input, save) => {
    const matrix = tf.reshape(input as Tensor, [-1, kernel.shape.at(-1)!]) as Tensor2D;
    const left = unit(tf.matMul(matrix, direction as unknown as Tensor2D));
    const right = unit(tf.matMul(tf.transpose(matrix), left));
    if (isUpdating) direction.assign(right);
    const outer = tf.reshape(tf.matMul(left, tf.transpose(right)), kernel.shape);
    const sigma = tf.sum(tf.mul(input as Tensor, outer));
    const value = tf.div(input as Tensor, sigma);
    (save as (tensors: Tensor[]) => void)([value, outer, sigma]);
    return { value, gradFunc: (dy: Tensor, saved: Tensor[]) => gradient(dy, saved) };
  });
  return normalise(kernel);
}

function gradient(dy: Tensor, [value, outer, sigma]: Tensor[]): Tensor {
  return tf.div(tf.sub(dy, tf.mul(outer!, tf.sum(tf.mul(dy, value!)))), sigma!);
}

function unit(x: Tensor2D): Tensor2D {
  return tf.mul(x, tf.rsqrt(tf.add(tf.sum(tf.square(x)), 1e-24)));
}
