import {
  BATCH_NORM_EPSILON,
  normaliseBatch,
  type Tensor,
  type Tensor2D,
  type Tensor4D,
  tf,
} from "../../engine/index.ts";
import type { Pass } from "../gan/gan-network.ts";
import type { ParameterSpec, Parameters } from "../parameters.ts";

/** Decay of the running statistics (Ioffe & Szegedy 2015, with TensorFlow's default). */
const MOMENTUM = 0.99;

/** Divides each vector by its root mean square (Karras et al. 2018). @param x float32 [..., C] */
export function pixelNorm<T extends Tensor>(x: T): T {
  return tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), 1e-8))) as T;
}

/** Running mean and variance; plus gain and offset unless the layer is conditional. */
export function batchNormSpecs(name: string, channels: number, isConditional = false): ParameterSpec[] {
  const shape = [channels];
  return [
    ...(isConditional
      ? []
      : [
          { name: `${name}/gain`, shape, initial: { value: 1 } },
          { name: `${name}/offset`, shape, initial: { value: 0 } },
        ]),
    { name: `${name}/mean`, shape, initial: { value: 0 }, isTrained: false },
    { name: `${name}/variance`, shape, initial: { value: 1 }, isTrained: false },
  ];
}

/** Batch normalisation (Ioffe & Szegedy 2015). @param x float32 [N, H, W, C] */
export function batchNorm(p: Parameters, name: string, x: Tensor4D, pass: Pass): Tensor4D {
  return tf.add(tf.mul(standardised(p, name, x, pass), p.get(`${name}/gain`)), p.get(`${name}/offset`));
}

/**
 * Conditional batch normalisation: gain and offset depend on the image (de Vries et al. 2017; Brock et al. 2019).
 *
 * @param gain float32 [N, C], added to 1
 * @param offset float32 [N, C]
 */
export function conditionalBatchNorm(
  p: Parameters,
  name: string,
  x: Tensor4D,
  { gain, offset }: { gain: Tensor2D; offset: Tensor2D },
  pass: Pass,
): Tensor4D {
  const channels = x.shape[3];
  const scale = tf.reshape(tf.add(gain, 1), [-1, 1, 1, channels]);
  return tf.add(tf.mul(standardised(p, name, x, pass), scale), tf.reshape(offset, [-1, 1, 1, channels]));
}

function standardised(p: Parameters, name: string, x: Tensor4D, pass: Pass): Tensor4D {
  const mean = p.get(`${name}/mean`);
  const variance = p.get(`${name}/variance`);
  if (pass.mode === "inference") {
    return tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, BATCH_NORM_EPSILON)));
  }
  return normaliseBatch(x, (batchMean, batchVariance) => {
    if (pass.isUpdating !== true) return;
    mean.assign(tf.add(tf.mul(mean, MOMENTUM), tf.mul(batchMean, 1 - MOMENTUM)));
    variance.assign(tf.add(tf.mul(variance, MOMENTUM), tf.mul(batchVariance, 1 - MOMENTUM)));
  });
}
