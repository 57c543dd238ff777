import { type Tensor4D, tf } from "../../engine/index.ts";

/** Images per group (Karras et al. 2018). */
const GROUP = 4;

/**
 * Minibatch standard deviation (Karras et al. 2018): appends one channel with the standard deviation over groups of four
 * images, averaged over channels and space. It lets the discriminator see a lack of variety.
 *
 * @param x float32 [N, H, W, C]; if N is not a multiple of four, the batch is one group
 * @param isMeasured false appends zeros
 * @returns float32 [N, H, W, C + 1]
 */
export function appendDeviation(x: Tensor4D, isMeasured: boolean): Tensor4D {
  const [n, h, w, c] = x.shape;
  if (!isMeasured) return tf.concat([x, tf.zeros([n, h, w, 1])], 3) as Tensor4D;
  const size = n % GROUP === 0 ? GROUP : n;
  const groups = tf.reshape(x, [size, n / size, h * w * c]);
  const centred = tf.sub(groups, tf.mean(groups, 0, true));
  const deviation = tf.sqrt(tf.add(tf.mean(tf.square(centred), 0), 1e-8));
  const each = tf.reshape(tf.tile(tf.reshape(tf.mean(deviation, 1), [1, n / size]), [size, 1]), [n, 1, 1, 1]);
  return tf.concat([x, tf.mul(tf.ones([n, h, w, 1]), each)], 3) as Tensor4D;
}
