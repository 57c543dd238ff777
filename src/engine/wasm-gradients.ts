import type { KernelConfig, KernelFunc, NamedAttrMap, TensorInfo } from "@tensorflow/tfjs-core";
import { type Tensor, type Tensor4D, tf } from "./tensorflow.ts";

type Pair = readonly [number, number];
interface ConvInfo {
  strideHeight: number;
  strideWidth: number;
  dilationHeight: number;
  dilationWidth: number;
  padInfo: { top: number; bottom: number; left: number; right: number };
}

/**
 * Registers the gradient kernels of convolutions that a backend lacks, so that `tf.grads` works.
 *
 * They are composed of operations that are fast on the backend (Dumoulin & Visin 2016). The gradient of the filter is a
 * convolution of the transposed input with the transposed output gradient, dilated by the stride. The gradient of the input
 * is a convolution of the zero-stuffed output gradient with the flipped filter. `Conv2DBackpropInput` exists on the backend
 * but is ten times as slow, so it is replaced too.
 */
export function registerGradientKernels(backendName: string): void {
  for (const [kernelName, compute] of Object.entries(kernels)) {
    if (tf.getKernel(kernelName, backendName)) tf.unregisterKernel(kernelName, backendName);
    const config: KernelConfig = { kernelName, backendName, kernelFunc: asKernel(compute) };
    tf.registerKernel(config);
  }
}

type Compute = (inputs: Record<string, Tensor4D>, attributes: NamedAttrMap) => Tensor;

/** TensorFlow.js passes tensors to kernels, so operations can be called on them. */
function asKernel(compute: Compute): KernelFunc {
  return ({ inputs, attrs }) =>
    tf.tidy(() =>
      compute(inputs as unknown as Record<string, Tensor4D>, attrs ?? {}),
    ) as unknown as TensorInfo;
}

const kernels: Record<string, Compute> = {
  Conv2DBackpropFilter({ x, dy }, attributes) {
    const filterShape = attributes.filterShape as [number, number, number, number];
    const info = convInfo(x!.shape, filterShape, attributes, false);
    return convFilterGradient(x!, dy!, filterShape, info);
  },
  Conv2DBackpropInput({ dy, filter }, attributes) {
    const inputShape = attributes.inputShape as [number, number, number, number];
    const info = convInfo(inputShape, filter!.shape, attributes, false);
    const flipped = tf.transpose(tf.reverse(filter!, [0, 1]), [0, 1, 3, 2]) as Tensor4D;
    return tf.conv2d(spread(dy!, filter!.shape, inputShape, info), flipped, 1, "valid");
  },
  DepthwiseConv2dNativeBackpropFilter({ x, dy }, attributes) {
    const filterShape = attributes.filterShape as [number, number, number, number];
    const info = convInfo(x!.shape, filterShape, attributes, true);
    return depthwiseFilterGradient(x!, dy!, filterShape, info);
  },
  DepthwiseConv2dNativeBackpropInput({ dy, filter }, attributes) {
    const inputShape = attributes.inputShape as [number, number, number, number];
    const info = convInfo(inputShape, filter!.shape, attributes, true);
    const flipped = tf.reverse(filter!, [0, 1]) as Tensor4D;
    return tf.depthwiseConv2d(spread(dy!, filter!.shape, inputShape, info), flipped, 1, "valid");
  },
};

function convInfo(
  inShape: number[],
  filterShape: number[],
  attributes: NamedAttrMap,
  isDepthwise: boolean,
): ConvInfo {
  return tf.backend_util.computeConv2DInfo(
    inShape as [number, number, number, number],
    filterShape as [number, number, number, number],
    attributes.strides as number | [number, number],
    (attributes.dilations as number | [number, number] | undefined) ?? 1,
    attributes.pad as "same" | "valid" | number,
    attributes.dimRoundingMode as "floor" | undefined,
    isDepthwise,
  );
}

/** x [N, H, W, Ci], dy [N, Ho, Wo, Co] -> dW [kh, kw, Ci, Co]. */
function convFilterGradient(x: Tensor4D, dy: Tensor4D, filterShape: number[], info: ConvInfo): Tensor {
  const [kh, kw, ci, co] = filterShape as [number, number, number, number];
  const padded = padSpace(x, info.padInfo);
  if (kh === 1 && kw === 1 && info.strideHeight === 1 && info.strideWidth === 1) {
    // A separate transpose: the wasm matMul is 40 times as slow with a transposed argument.
    const columns = tf.transpose(tf.reshape(padded, [-1, ci]));
    return tf.reshape(tf.matMul(columns, tf.reshape(dy, [-1, co])), [1, 1, ci, co]);
  }
  const asBatch = tf.transpose(padded, [3, 1, 2, 0]) as Tensor4D;
  const asFilter = tf.transpose(dy, [1, 2, 0, 3]) as Tensor4D;
  const dilation: [number, number] = [info.strideHeight, info.strideWidth];
  const full = tf.conv2d(asBatch, asFilter, 1, "valid", "NHWC", dilation);
  return tf.transpose(tf.slice(full, [0, 0, 0, 0], [ci, kh, kw, co]), [1, 2, 0, 3]);
}

/** x [N, H, W, C], dy [N, Ho, Wo, C] -> dW [kh, kw, C, 1]; one multiply-and-sum per filter tap. */
function depthwiseFilterGradient(x: Tensor4D, dy: Tensor4D, filterShape: number[], info: ConvInfo): Tensor {
  const [kh, kw, channels] = filterShape as [number, number, number, number];
  const [, outHeight, outWidth] = dy.shape;
  const padded = padSpace(x, info.padInfo);
  // Zeros between the values of dy undo the stride, so that each tap is a plain slice of x.
  const wide = stuffZeros(dy, [info.strideHeight, info.strideWidth]);
  const height = (outHeight - 1) * info.strideHeight + 1;
  const width = (outWidth - 1) * info.strideWidth + 1;
  const taps: Tensor[] = [];
  for (let i = 0; i < kh; i++) {
    for (let j = 0; j < kw; j++) {
      const begin = [0, i * info.dilationHeight, j * info.dilationWidth, 0];
      const window = tf.slice(padded, begin, [padded.shape[0], height, width, channels]);
      taps.push(tf.sum(tf.reshape(tf.mul(window, wide), [-1, channels]), 0));
    }
  }
  return tf.reshape(tf.stack(taps), [kh, kw, channels, 1]);
}

/** dy zero-stuffed by the stride and padded so that a 'valid' convolution with stride 1 gives the shape of the input. */
function spread(dy: Tensor4D, filterShape: number[], inputShape: number[], info: ConvInfo): Tensor4D {
  const wide = stuffZeros(dy, [info.strideHeight, info.strideWidth]);
  const top = filterShape[0]! - 1 - info.padInfo.top;
  const left = filterShape[1]! - 1 - info.padInfo.left;
  const bottom = inputShape[1]! + filterShape[0]! - 1 - wide.shape[1] - top;
  const right = inputShape[2]! + filterShape[1]! - 1 - wide.shape[2] - left;
  return padSpace(wide, { top, bottom, left, right });
}

/** [N, H, W, C] -> [N, (H-1)s+1, (W-1)s+1, C] with zeros between the values. */
function stuffZeros(x: Tensor4D, [sh, sw]: Pair): Tensor4D {
  if (sh === 1 && sw === 1) return x;
  const [n, h, w, c] = x.shape;
  const columns = tf.pad(tf.reshape(x, [n * h * w, 1, c]), [
    [0, 0],
    [0, sw - 1],
    [0, 0],
  ]);
  const rows = tf.pad(tf.reshape(columns, [n * h, 1, w * sw * c]), [
    [0, 0],
    [0, sh - 1],
    [0, 0],
  ]);
  const full = tf.reshape(rows, [n, h * sh, w * sw, c]);
  return tf.slice(full, [0, 0, 0, 0], [n, (h - 1) * sh + 1, (w - 1) * sw + 1, c]) as Tensor4D;
}

function padSpace(x: Tensor4D, pad: { top: number; bottom: number; left: number; right: number }): Tensor4D {
  const { top, bottom, left, right } = pad;
  if (top === 0 && bottom === 0 && left === 0 && right === 0) return x;
  return tf.pad(x, [
    [0, 0],
    [top, bottom],
    [left, right],
    [0, 0],
  ]);
}
