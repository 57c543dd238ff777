import { type Tensor2D, type Tensor4D, tf } from "../../engine/index.ts";
import type { ParameterSpec, Parameters } from "../parameters.ts";
import { convolutionSpecs, dense, denseSpecs, scaledKernel, transposedConvolution } from "./convolution.ts";

/** A convolution's kernel and the dense layer that turns a style into its input scales (begun at 1). */
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
 * Convolution whose kernel is scaled by a style and then brought back to unit length for each output channel (Karras et
 * al. 2020): the input is scaled instead of the kernel and the output by what demodulates it, which is the same sum.
 *
 * @param x float32 [N, H, W, in]
 * @param style float32 [N, L]
 * @param options.isUp transposed, of stride 2
 */
export function modulatedConvolution(
  p: Parameters,
  name: string,
  x: Tensor4D,
  style: Tensor2D,
  options: { isUp?: boolean; isDemodulated?: boolean },
): Tensor4D {
  const scales = dense(p, `${name}/style`, style, { scaling: "equalised", gain: 1 });
  const kernel = scaledKernel(p, name, { scaling: "equalised", gain: 1 }) as Tensor4D;
  const scaled = tf.mul(x, tf.reshape(scales, [-1, 1, 1, kernel.shape[2]])) as Tensor4D;
  const y =
    options.isUp === true ? transposedConvolution(scaled, kernel) : tf.conv2d(scaled, kernel, 1, "same");
  if (options.isDemodulated === false) return y;
  const energy = tf.sum(tf.square(kernel), [0, 1]) as Tensor2D;
  const lengths = tf.rsqrt(tf.add(tf.matMul(tf.square(scales), energy), 1e-8));
  return tf.mul(y, tf.reshape(lengths, [-1, 1, 1, kernel.shape[3]]));
}
