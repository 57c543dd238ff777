import { type Tensor, type Tensor2D, type Tensor4D, tf } from "../../engine/index.ts";
import type { ParameterSpec, Parameters } from "../parameters.ts";
import { spectrallyNormalised } from "./spectral-norm.ts";

/**
 * Scaling of a stored kernel at run time. `plain`: none. `equalised`: stored with deviation 1, times 1 / sqrt(fan-in)
 * (Karras et al. 2018). `spectral`: divided by its largest singular value (Miyato et al. 2018).
 */
export type Scaling = "plain" | "equalised" | "spectral";

export interface LayerOptions {
  readonly scaling: Scaling;
  readonly strides?: 1 | 2;
  /** Gain of an equalised kernel: sqrt(2) before a leaky ReLU (He et al. 2015, the default), 1 without activation. */
  readonly gain?: number;
  /** Learning rate multiplier of an equalised layer, kernel and bias (Karras et al. 2019: 0.01 in the mapping network). */
  readonly rate?: number;
  readonly isUpdating?: boolean | undefined;
}

/** Kernel and bias of a convolution, [kernel, kernel, in, out]. */
export function convolutionSpecs(
  name: string,
  [kernel, input, output]: readonly [number, number, number],
  scaling: Scaling,
  options: { hasBias?: boolean; rate?: number } = {},
): ParameterSpec[] {
  return layerSpecs(name, [kernel, kernel, input, output], scaling, options);
}

/** Kernel [in, out] and bias of a dense layer. */
export function denseSpecs(
  name: string,
  [input, output]: readonly [number, number],
  scaling: Scaling,
  options: { hasBias?: boolean; rate?: number; bias?: number } = {},
): ParameterSpec[] {
  return layerSpecs(name, [input, output], scaling, options);
}

function layerSpecs(
  name: string,
  shape: readonly number[],
  scaling: Scaling,
  { hasBias = true, rate = 1, bias = 0 }: { hasBias?: boolean; rate?: number; bias?: number },
): ParameterSpec[] {
  const output = shape.at(-1)!;
  const fanIn = shape.reduce((a, b) => a * b, 1) / output;
  const deviation = { plain: Math.sqrt(2 / fanIn), equalised: 1 / rate, spectral: Math.sqrt(1 / fanIn) };
  return [
    { name: `${name}/kernel`, shape, initial: { deviation: deviation[scaling] } },
    ...(hasBias ? [{ name: `${name}/bias`, shape: [output], initial: { value: bias / rate } }] : []),
    ...(scaling === "spectral"
      ? [{ name: `${name}/direction`, shape: [output, 1], initial: { deviation: 1 }, isTrained: false }]
      : []),
  ];
}

/** The kernel after scaling. */
export function scaledKernel(p: Parameters, name: string, options: LayerOptions): Tensor {
  const kernel = p.get(`${name}/kernel`);
  if (options.scaling === "plain") return kernel;
  if (options.scaling === "spectral") {
    return spectrallyNormalised(kernel, p.get(`${name}/direction`), options.isUpdating === true);
  }
  const fanIn = kernel.size / kernel.shape.at(-1)!;
  return tf.mul(kernel, ((options.gain ?? Math.SQRT2) * (options.rate ?? 1)) / Math.sqrt(fanIn));
}

/** 'same' convolution with its bias. @param x float32 [N, H, W, in] @returns [N, H / strides, W / strides, out] */
export function convolve(p: Parameters, name: string, x: Tensor4D, options: LayerOptions): Tensor4D {
  const kernel = scaledKernel(p, name, options) as Tensor4D;
  return addBias(p, name, tf.conv2d(x, kernel, options.strides ?? 1, "same"), options);
}

/**
 * Transposed convolution with stride 2 and bias (Radford et al. 2016): a quarter of the work of a convolution after
 * upsampling. The kernel is stored as [kernel, kernel, in, out] too.
 *
 * @param x float32 [N, H, W, in]
 * @returns [N, 2H, 2W, out]
 */
export function convolveUp(p: Parameters, name: string, x: Tensor4D, options: LayerOptions): Tensor4D {
  return addBias(p, name, transposedConvolution(x, scaledKernel(p, name, options) as Tensor4D), options);
}

/** Transposed convolution with stride 2. @param kernel [k, k, in, out] @param x float32 [N, H, W, in] @returns [N, 2H, 2W, out] */
export function transposedConvolution(x: Tensor4D, kernel: Tensor4D): Tensor4D {
  const [n, h, w] = x.shape;
  const turned = tf.transpose(kernel, [0, 1, 3, 2]) as Tensor4D;
  return tf.conv2dTranspose(x, turned, [n, 2 * h, 2 * w, kernel.shape[3]], 2, "same");
}

/** @param x float32 [N, in] @returns [N, out] */
export function dense(p: Parameters, name: string, x: Tensor2D, options: LayerOptions): Tensor2D {
  return addBias(p, name, tf.matMul(x, scaledKernel(p, name, options) as Tensor2D), options);
}

/** Adds `name/bias` along the last axis, if there is one. */
export function addBias<T extends Tensor>(
  p: Parameters,
  name: string,
  x: T,
  options: { rate?: number } = {},
): T {
  if (!p.has(`${name}/bias`)) return x;
  const bias = p.get(`${name}/bias`);
  return tf.add(x, options.rate === undefined ? bias : tf.mul(bias, options.rate)) as T;
}
