import { booleanAttribute, floatAttribute, nativeBackend, typeAttribute } from "./native-operations.ts";
import { type Tensor, type Tensor1D, type Tensor4D, tf } from "./tensorflow.ts";

/** Keeps the division finite (Ioffe & Szegedy 2015). */
export const BATCH_NORM_EPSILON = 1e-5;

/**
 * (x - mean) / sqrt(variance + epsilon) with the mean and variance of each channel over the batch (Ioffe & Szegedy 2015).
 *
 * The native backend uses the fused operation of TensorFlow and its gradient.
 *
 * @param x float32 [N, H, W, C]
 * @param onStatistics receives mean and variance [C], valid until the end of the caller's tidy
 */
export function normaliseBatch(
  x: Tensor4D,
  onStatistics: (mean: Tensor1D, variance: Tensor1D) => void = () => {},
): Tensor4D {
  if (nativeBackend() !== null) return fused(x, onStatistics);
  const mean = tf.mean(x, [0, 1, 2]) as Tensor1D;
  const centred = tf.sub(x, mean);
  const variance = tf.mean(tf.square(centred), [0, 1, 2]) as Tensor1D;
  onStatistics(mean, variance);
  return tf.mul(centred, tf.rsqrt(tf.add(variance, BATCH_NORM_EPSILON)));
}

function fused(x: Tensor4D, onStatistics: (mean: Tensor1D, variance: Tensor1D) => void): Tensor4D {
  const native = nativeBackend()!;
  const attributes = [
    typeAttribute("T"),
    typeAttribute("U"),
    floatAttribute("epsilon", BATCH_NORM_EPSILON),
    booleanAttribute("is_training", true),
  ];
  const normalise = tf.customGrad((input, save) => {
    const channels = x.shape[3];
    const scale = tf.ones([channels]);
    const inputs = [input as Tensor, scale, tf.zeros([channels]), tf.tensor1d([]), tf.tensor1d([])];
    const outputs = native.executeMultipleOutputs("FusedBatchNormV3", attributes, inputs, 6);
    const [value, mean, variance, ...reserves] = outputs as [Tensor, Tensor1D, Tensor1D, ...Tensor[]];
    onStatistics(mean, variance);
    (save as (tensors: Tensor[]) => void)([input as Tensor, scale, ...reserves]);
    return {
      value,
      gradFunc: (dy: Tensor, saved: Tensor[]) =>
        native.executeMultipleOutputs("FusedBatchNormGradV3", attributes, [dy, ...saved], 5)[0]!,
    };
  });
  return normalise(x) as Tensor4D;
}
