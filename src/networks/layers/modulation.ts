import { type Tensor2D, type Tensor3D, type Tensor4D, tf } from "../../engine/index.ts";
import type { ParameterSpec, Parameters } from "../parameters.ts";
import { convolutionSpecs, dense, denseSpecs, scaledKernel, transposedConvolution } from "./convolution.ts";

/** Kernel of a convolution, and the dense layer that maps a style to its input scales (initially 1). */
export function modulatedSpecs(
  name: string,
  [kernel, input, output]: readonly [number, number, number],
  styleLength: number,
): ParameterSpec[] {
  return [
    ...denseSpecs(`${name}/style`, [styleLength, input], "equalised", { bias: 1 }),
    ...convolutionSpecs(name, [kernel, input, output], "equalised", { hasBias: false }),
  ];
}

/**
 * Modulated convolution with demodulation (Karras et al. 2020). The input and the output are scaled instead of the kernel,
 * which gives the same sum.
 *
 * @param x float32 [N, H, W, in]
 * @param style float32 [N, L]
 * @param options.isUp uses a transposed convolution with stride 2
 * @param options.gain factor of the output
 */
export function modulatedConvolution(
  p: Parameters,
  name: string,
  x: Tensor4D,
  style: Tensor2D,
  { isUp = false, gain = 1 }: { isUp?: boolean; gain?: number },
): Tensor4D {
  const { scales, kernel } = parts(p, name, style);
  const scaled = tf.mul(x, tf.reshape(scales, [-1, 1, 1, kernel.shape[2]])) as Tensor4D;
  const y = isUp ? transposedConvolution(scaled, kernel) : tf.conv2d(scaled, kernel, 1, "same");
  const energy = tf.sum(tf.square(kernel), [0, 1]) as Tensor2D;
  const lengths = tf.mul(tf.rsqrt(tf.add(tf.matMul(tf.square(scales), energy), 1e-8)), gain);
  return tf.mul(y, tf.reshape(lengths, [-1, 1, 1, kernel.shape[3]]));
}

/**
 * Modulated 1 x 1 convolution to a few channels, without demodulation. One matrix per image is smaller than the feature map
 * that would be scaled otherwise.
 *
 * @param x float32 [N, H, W, in]
 * @param style float32 [N, L]
 */
export function modulatedMix(p: Parameters, name: string, x: Tensor4D, style: Tensor2D): Tensor4D {
  const { scales, kernel } = parts(p, name, style);
  const [n, h, w] = x.shape;
  const [, , input, output] = kernel.shape;
  const matrices = tf.mul(tf.reshape(scales, [n, input, 1]), tf.reshape(kernel, [1, input, output]));
  const flat = tf.reshape(x, [n, h * w, input]) as Tensor3D;
  return tf.reshape(tf.matMul(flat, matrices as Tensor3D), [n, h, w, output]);
}

function parts(p: Parameters, name: string, style: Tensor2D): { scales: Tensor2D; kernel: Tensor4D } {
  return {
    scales: dense(p, `${name}/style`, style, { scaling: "equalised", gain: 1 }),
    kernel: scaledKernel(p, name, { scaling: "equalised", gain: 1 }) as Tensor4D,
  };
}
