import { layers, type SymbolicTensor, type Tensor, type Tensor4D, tf } from "../../engine/index.ts";
import { type LayerOptions, scaledKernel } from "../layers/convolution.ts";
import type { Parameters } from "../parameters.ts";

/** The parts of a tfjs layer that are used here. */
interface Layer {
  apply(x: SymbolicTensor | SymbolicTensor[]): unknown;
  setWeights(weights: Tensor[]): void;
}

/** Builds a network from plain tfjs layers, with weight scaling folded into the kernels. */
export class LayersBuilder {
  readonly #p: Parameters;

  constructor(parameters: Parameters) {
    this.#p = parameters;
  }

  /** Convolution with 'same' padding. @param options.keep number of input channels to keep; the others were zeros */
  convolve(
    name: string,
    x: SymbolicTensor,
    options: LayerOptions & { keep?: number; factor?: number },
  ): SymbolicTensor {
    const { kernel, bias } = this.#weights(name, options, 2);
    const [size, , , filters] = kernel.shape as [number, number, number, number];
    const { conv2d } = layers.layers;
    const config = { name: keyOf(name), filters, kernelSize: size, strides: options.strides ?? 1 };
    return put(conv2d({ ...config, padding: "same", useBias: bias !== null }), x, [kernel, bias]);
  }

  /** Transposed convolution with stride 2 and 'same' padding. @param options.isBare omits the bias */
  convolveUp(
    name: string,
    x: SymbolicTensor,
    { isBare = false, ...options }: LayerOptions & { isBare?: boolean },
  ): SymbolicTensor {
    const { kernel, bias: own } = this.#weights(name, options, 2);
    const bias = isBare ? null : own;
    const [size, , , filters] = kernel.shape as [number, number, number, number];
    const turned = tf.transpose(kernel, [0, 1, 3, 2]);
    const { conv2dTranspose } = layers.layers;
    const config = { name: keyOf(name), filters, kernelSize: size, strides: 2, padding: "same" } as const;
    return put(conv2dTranspose({ ...config, useBias: bias !== null }), x, [turned, bias]);
  }

  dense(
    name: string,
    x: SymbolicTensor,
    options: LayerOptions & { keepRows?: readonly number[] },
  ): SymbolicTensor {
    const { kernel, bias } = this.#weights(name, options, 0);
    const kept = options.keepRows === undefined ? kernel : tf.gather(kernel, [...options.keepRows]);
    const units = kernel.shape[1]!;
    return put(layers.layers.dense({ name: keyOf(name), units, useBias: bias !== null }), x, [kept, bias]);
  }

  batchNorm(name: string, x: SymbolicTensor): SymbolicTensor {
    const weights = ["gain", "offset", "mean", "variance"].map((part) => this.#p.get(`${name}/${part}`));
    return put(layers.layers.batchNormalization({ name: keyOf(name), epsilon: 1e-5 }), x, weights);
  }

  /** Batch normalisation with the running statistics, without gain and offset. */
  standardise(name: string, x: SymbolicTensor): SymbolicTensor {
    const weights = ["mean", "variance"].map((part) => this.#p.get(`${name}/${part}`));
    const config = { epsilon: 1e-5, center: false, scale: false };
    return put(layers.layers.batchNormalization(config), x, weights);
  }

  /**
   * Pixel norm by layer normalisation: the values are concatenated with their negatives, so that the mean is 0 and layer
   * normalisation only divides by the root mean square.
   */
  pixelNorm(x: SymbolicTensor, channels: number): SymbolicTensor {
    const identity = tf.eye(channels);
    const both = tf.concat([identity, tf.neg(identity)], 1);
    const first = tf.concat([identity, tf.zeros([channels, channels])], 0);
    const mix = (y: SymbolicTensor, kernel: Tensor) => {
      const [input, output] = kernel.shape as [number, number];
      return y.shape.length === 2
        ? put(layers.layers.dense({ units: output, useBias: false }), y, [kernel])
        : put(layers.layers.conv2d({ filters: output, kernelSize: 1, useBias: false }), y, [
            tf.reshape(kernel, [1, 1, input, output]),
          ]);
    };
    const norm = layers.layers.layerNormalization({ axis: -1, epsilon: 1e-8, center: false, scale: false });
    return mix(norm.apply(mix(x, both)) as SymbolicTensor, first);
  }

  /**
   * Convolution with a given kernel and bias; see {@link convolve}.
   *
   * @param kernel [k, k, in, out], or with `isDepthwise` [k, k, in, 1]
   */
  filter(
    x: SymbolicTensor,
    kernel: Tensor,
    {
      bias = null,
      strides = 1,
      isDepthwise = false,
    }: { bias?: Tensor | null; strides?: number; isDepthwise?: boolean } = {},
  ): SymbolicTensor {
    const [kernelSize, , , filters] = kernel.shape as [number, number, number, number];
    const config = { kernelSize, strides, padding: "same", useBias: bias !== null } as const;
    const { conv2d, depthwiseConv2d } = layers.layers;
    return put(isDepthwise ? depthwiseConv2d(config) : conv2d({ ...config, filters }), x, [kernel, bias]);
  }

  /** Dense layer with a given kernel and bias. @param kernel [in, out] */
  mix(x: SymbolicTensor, kernel: Tensor, bias: Tensor | null = null): SymbolicTensor {
    return put(layers.layers.dense({ units: kernel.shape[1]!, useBias: bias !== null }), x, [kernel, bias]);
  }

  /** The same values for every image of a batch. @param x any tensor [N, L]; determines N */
  constant(x: SymbolicTensor, values: Tensor): SymbolicTensor {
    const one = this.mix(x, tf.zeros([x.shape[1]!, 1]), tf.ones([1]));
    return this.reshape(this.mix(one, tf.reshape(values, [1, -1])), values.shape);
  }

  reshape(x: SymbolicTensor, targetShape: number[]): SymbolicTensor {
    return layers.layers.reshape({ targetShape }).apply(x) as SymbolicTensor;
  }

  /** Elementwise product with broadcasting. */
  multiply(x: SymbolicTensor, y: SymbolicTensor): SymbolicTensor {
    return layers.layers.multiply().apply([x, y]) as SymbolicTensor;
  }

  /** Elementwise sum with broadcasting. */
  add(x: SymbolicTensor, y: SymbolicTensor): SymbolicTensor {
    return layers.layers.add().apply([x, y]) as SymbolicTensor;
  }

  /** Batched matrix product. @param axes summed axis of each input */
  dot(x: SymbolicTensor, y: SymbolicTensor, axes: [number, number]): SymbolicTensor {
    return layers.layers.dot({ axes }).apply([x, y]) as SymbolicTensor;
  }

  activate(x: SymbolicTensor, activation: "relu" | "relu6" | "tanh" | "softmax"): SymbolicTensor {
    return layers.layers.activation({ activation }).apply(x) as SymbolicTensor;
  }

  leaky(x: SymbolicTensor): SymbolicTensor {
    return layers.layers.leakyReLU({ alpha: 0.2 }).apply(x) as SymbolicTensor;
  }

  halve(x: SymbolicTensor): SymbolicTensor {
    return layers.layers.averagePooling2d({ poolSize: 2 }).apply(x) as SymbolicTensor;
  }

  double(x: SymbolicTensor): SymbolicTensor {
    return layers.layers.upSampling2d({ size: [2, 2] }).apply(x) as SymbolicTensor;
  }

  /** Binomial 3 x 3, zeros beyond the edge. */
  blur(x: SymbolicTensor): SymbolicTensor {
    const taps = tf.tensor1d([1, 2, 1]);
    const each = tf.tile(tf.reshape(tf.div(tf.outerProduct(taps, taps), 16), [3, 3, 1, 1]), [
      1,
      1,
      x.shape[3] as number,
      1,
    ]) as Tensor4D;
    const { depthwiseConv2d } = layers.layers;
    return put(depthwiseConv2d({ kernelSize: 3, padding: "same", useBias: false }), x, [each]);
  }

  #weights(
    name: string,
    options: LayerOptions & { keep?: number; factor?: number },
    channelAxis: number,
  ): { kernel: Tensor; bias: Tensor | null } {
    const factor = options.factor ?? 1;
    let kernel = tf.mul(scaledKernel(this.#p, name, options), factor);
    if (options.keep !== undefined) {
      const size = [...kernel.shape];
      size[channelAxis] = options.keep;
      kernel = tf.slice(
        kernel,
        size.map(() => 0),
        size,
      );
    }
    const bias = this.#p.has(`${name}/bias`) ? tf.mul(this.#p.get(`${name}/bias`), factor) : null;
    return { kernel, bias };
  }
}

/** Layer names must not contain slashes. */
const keyOf = (name: string) => name.replaceAll("/", "_");

function put(layer: unknown, x: SymbolicTensor, weights: readonly (Tensor | null)[]): SymbolicTensor {
  const y = (layer as Layer).apply(x) as SymbolicTensor;
  (layer as Layer).setWeights(weights.filter((w): w is Tensor => w !== null));
  return y;
}
