import {
  humanModelPath,
  readArtifacts,
  relu6,
  type Tensor,
  type Tensor2D,
  type Tensor4D,
  tf,
} from "../engine/index.ts";
import type { ParameterSpec, Parameters } from "./parameters.ts";

/** `training` uses kernels with fast gradients, `inference` the fused ones. */
export type Mode = "inference" | "training";

/** Depthwise strides of the 13 blocks after the first convolution (Howard et al. 2017, MobileNetV1, width 1). */
export const BLOCK_STRIDES = [1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1] as const;
/** Channels of each block. */
export const BLOCK_CHANNELS: readonly number[] = [
  64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024,
];
/** Channels of the backbone's last map. */
export const BACKBONE_CHANNELS = 1024;
/** RGB means of the pretraining (the Caffe convention). */
export const PIXEL_OFFSETS = [123.68, 116.779, 103.939] as const;

/**
 * Pixels are divided by this and the first kernel is multiplied by it. The output is the same. Without it the first kernel
 * has weights of about 4e-4, as small as one step of the optimizer.
 */
export const PIXEL_SCALE = 128;

/** Tensors of the backbone, in order: `conv1/kernel [3, 3, 3, 32]`, then a depthwise and a pointwise pair per block. */
export const backboneSpecs: readonly ParameterSpec[] = [
  { name: "conv1/kernel", shape: [3, 3, 3, 32] },
  { name: "conv1/bias", shape: [32] },
  ...BLOCK_CHANNELS.flatMap((channels, i): ParameterSpec[] => {
    const before = i === 0 ? 32 : BLOCK_CHANNELS[i - 1]!;
    return [
      { name: `block${i + 1}/depthwise/kernel`, shape: [3, 3, before, 1] },
      { name: `block${i + 1}/depthwise/bias`, shape: [before] },
      { name: `block${i + 1}/pointwise/kernel`, shape: [1, 1, before, channels] },
      { name: `block${i + 1}/pointwise/bias`, shape: [channels] },
    ];
  }),
];

/**
 * The backbone's last feature map.
 *
 * @param faces float32 [N, S, S, 3], RGB in [0, 255]
 * @returns float32 [N, S / 32, S / 32, 1024], in [0, 6]
 */
export function backboneFeatures(parameters: Parameters, faces: Tensor4D, mode: Mode): Tensor4D {
  return backboneMaps(parameters, faces, mode, [BLOCK_STRIDES.length])[0]!;
}

/**
 * Feature maps of the given blocks.
 *
 * @param faces float32 [N, S, S, 3], RGB in [0, 255]
 * @param blocks 1 to 13, ascending; later blocks are not computed
 * @returns float32 [N, s, s, channels] per block, in [0, 6]
 */
export function backboneMaps(
  parameters: Parameters,
  faces: Tensor4D,
  mode: Mode,
  blocks: readonly number[],
): Tensor4D[] {
  const layer = mode === "training" ? trainedLayer : fusedLayer;
  return tf.tidy(() => {
    let x = tf.div(tf.sub(faces, tf.tensor1d([...PIXEL_OFFSETS])), PIXEL_SCALE) as Tensor4D;
    x = layer(parameters, x, "conv1", "conv", 2);
    const maps: Tensor4D[] = [];
    BLOCK_STRIDES.slice(0, blocks.at(-1)!).forEach((stride, i) => {
      x = layer(parameters, x, `block${i + 1}/depthwise`, "depthwise", stride);
      x = layer(parameters, x, `block${i + 1}/pointwise`, "conv", 1);
      if (blocks.includes(i + 1)) maps.push(x);
    });
    return maps;
  });
}

type Kind = "conv" | "depthwise";

function fusedLayer(p: Parameters, x: Tensor4D, name: string, kind: Kind, strides: number): Tensor4D {
  const filter = p.get(`${name}/kernel`) as unknown as Tensor4D;
  const bias = p.get(`${name}/bias`);
  const activation = "relu6";
  const [kernelHeight, kernelWidth] = filter.shape;
  if (kind === "conv" && kernelHeight === 1 && kernelWidth === 1) {
    // A matrix product is as fast as a convolution, and the wasm backend prepares its weights three times as fast in the
    // first pass.
    return pointwise(x, filter, (a, b) => tf.fused.matMul({ a, b, bias, activation }));
  }
  const options = { x, filter, strides, pad: "same" as const, bias, activation } as const;
  return kind === "conv" ? tf.fused.conv2d(options) : tf.fused.depthwiseConv2d(options);
}

/** A 1 x 1 convolution as a matrix product. */
function pointwise(
  x: Tensor4D,
  filter: Tensor4D,
  product: (rows: Tensor2D, columns: Tensor2D) => Tensor,
): Tensor4D {
  const [count, height, width] = x.shape;
  const [, , before, after] = filter.shape;
  const y = product(tf.reshape(x, [-1, before]), tf.reshape(filter, [before, after]));
  return tf.reshape(y, [count, height, width, after]);
}

function trainedLayer(p: Parameters, x: Tensor4D, name: string, kind: Kind, strides: number): Tensor4D {
  const kernel = p.get(`${name}/kernel`) as unknown as Tensor4D;
  const y =
    kind === "depthwise"
      ? tf.depthwiseConv2d(x, kernel, strides, "same")
      : // oneDNN of TensorFlow 2.21 divides by zero in a 1 x 1 convolution of 512 to 1024 channels.
        kernel.shape[3] === BACKBONE_CHANNELS && tf.getBackend() === "tensorflow"
        ? pointwise(x, kernel, (a, b) => tf.matMul(a, b))
        : tf.conv2d(x, kernel, strides, "same");
  return relu6(tf.add(y, p.get(`${name}/bias`)) as Tensor4D);
}

/**
 * Weights of `faceres`, the face-description network of @vladmandic/human (MIT), with batch norm folded in.
 *
 * Its first convolution expects BGR; the kernel is reversed here for RGB.
 *
 * @returns values by the names of `backboneSpecs`
 */
export async function pretrainedBackbone(): Promise<Map<string, Float32Array>> {
  const artifacts = await readArtifacts(humanModelPath("faceres"));
  const stored = tf.io.decodeWeights(artifacts.weightData as ArrayBuffer, artifacts.weightSpecs!);
  const read = (name: string) => stored[name]!.dataSync() as Float32Array;
  const weights = new Map<string, Float32Array>();
  weights.set("conv1/kernel", rgbKernel(read("conv1/convolution/merged_input")));
  weights.set("conv1/bias", read("conv1_bn/batchnorm_1/sub"));
  BLOCK_CHANNELS.forEach((_, i) => {
    const scale = read(`conv_dw_${i + 1}_bn/batchnorm_1/mul`);
    // [3, 3, C, 1] times one factor per channel.
    const kernel = read(`conv_dw_${i + 1}/depthwise_kernel`).map(
      (value, k) => value * scale[k % scale.length]!,
    );
    weights.set(`block${i + 1}/depthwise/kernel`, kernel);
    weights.set(`block${i + 1}/depthwise/bias`, read(`conv_dw_${i + 1}_bn/batchnorm_1/sub`));
    weights.set(`block${i + 1}/pointwise/kernel`, read(`conv_pw_${i + 1}/convolution/merged_input`));
    weights.set(`block${i + 1}/pointwise/bias`, read(`conv_pw_${i + 1}_bn/batchnorm_1/sub`));
  });
  tf.dispose(Object.values(stored));
  return weights;
}

/** Kernel [3, 3, 3, 32] with its input channels reversed, multiplied by {@link PIXEL_SCALE}. */
function rgbKernel(bgrKernel: Float32Array): Float32Array {
  const out = new Float32Array(bgrKernel.length);
  for (let tap = 0; tap < 9; tap++) {
    for (let channel = 0; channel < 3; channel++) {
      const from = (tap * 3 + channel) * 32;
      const scaled = bgrKernel.subarray(from, from + 32).map((value) => value * PIXEL_SCALE);
      out.set(scaled, (tap * 3 + 2 - channel) * 32);
    }
  }
  return out;
}
