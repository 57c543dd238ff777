import { existsSync, readFileSync } from "node:fs";
import { nativeBackend } from "./native-operations.ts";
import { type Tensor, type Tensor4D, tf } from "./tensorflow.ts";

/** Type that convolutions are computed in. Everything else, and all storage, is float32. */
export type Precision = "float32" | "bfloat16";

const FLAG = "TELLTALE_BFLOAT16_CONVOLUTIONS";
/** Number of the type in TensorFlow (`types.proto`). */
const BFLOAT16 = 14;
/** With fewer channels, the conversion costs more than it saves. */
const MIN_CHANNELS = 8;
const KERNELS = ["Conv2D", "Conv2DBackpropInput", "Conv2DBackpropFilter"] as const;

/**
 * Runs `compute` with convolutions and their gradients in bfloat16 (8 bits of mantissa, sums in float32), as in Kalamkar et
 * al. 2019. It is twice as fast on processors with bfloat16 instructions. Only the native backend supports it; with
 * `float32` or another backend nothing changes.
 */
export function withPrecision<T>(precision: Precision, compute: () => T): T {
  registerOnce();
  const before = tf.env().getBool(FLAG);
  tf.env().set(FLAG, precision === "bfloat16");
  try {
    return compute();
  } finally {
    tf.env().set(FLAG, before);
  }
}

/** bfloat16 if the native backend and the processor support it, else float32. */
export function fastestPrecision(): Precision {
  if (nativeBackend() === null || !existsSync("/proc/cpuinfo")) return "float32";
  return /\b(avx512_bf16|amx_bf16)\b/.test(readFileSync("/proc/cpuinfo", "utf8")) ? "bfloat16" : "float32";
}

/** Replaces the kernels of the native backend by ones that check the flag. */
function registerOnce(): void {
  if (!(FLAG in tf.env().getFlags())) tf.env().registerFlag(FLAG, () => false);
  if (nativeBackend() === null || replaced.has(tf.getKernel("Conv2D", "tensorflow").kernelFunc)) return;
  for (const kernelName of KERNELS) {
    const config = tf.getKernel(kernelName, "tensorflow");
    tf.unregisterKernel(kernelName, "tensorflow");
    const kernelFunc: tf.KernelFunc = (call) => {
      const { inputs, attrs } = call as unknown as Call;
      const isHalf = tf.env().getBool(FLAG) && fits(inputs, attrs);
      return isHalf ? compute[kernelName](inputs, attrs) : config.kernelFunc(call);
    };
    replaced.add(kernelFunc);
    tf.registerKernel({ ...config, kernelFunc });
  }
}

const replaced = new WeakSet<tf.KernelFunc>();

interface Call {
  readonly inputs: Inputs;
  readonly attrs: Attributes;
}
type Inputs = Readonly<Record<string, Tensor4D>>;
interface Attributes {
  readonly strides: number | readonly [number, number];
  readonly pad: unknown;
  readonly dataFormat: string;
  readonly dilations?: number | readonly [number, number];
  readonly inputShape?: readonly number[];
  readonly filterShape?: readonly number[];
}

function fits(inputs: Inputs, { pad, dataFormat, dilations }: Attributes): boolean {
  const isPlain = pad === "same" && dataFormat === "NHWC" && [dilations ?? 1].flat().every((d) => d === 1);
  return isPlain && Object.values(inputs).every((tensor) => tensor.shape.at(-1)! >= MIN_CHANNELS);
}

const compute: Record<(typeof KERNELS)[number], (inputs: Inputs, attrs: Attributes) => Tensor> = {
  Conv2D: ({ x, filter }, attrs) => convolution("Conv2D", [x!, filter!], attrs),
  Conv2DBackpropInput: ({ dy, filter }, attrs) =>
    convolution("Conv2DBackpropInput", [attrs.inputShape!, filter!, dy!], attrs),
  Conv2DBackpropFilter: ({ x, dy }, attrs) =>
    convolution("Conv2DBackpropFilter", [x!, attrs.filterShape!, dy!], attrs),
};

/** Converts the tensors to bfloat16, runs the operation and converts the result back. */
function convolution(
  name: string,
  inputs: readonly (Tensor | readonly number[])[],
  { strides }: Attributes,
): Tensor {
  const native = nativeBackend()!;
  const { binding } = native;
  const [down, right] = [strides, strides].flat() as [number, number];
  const type = (of: string, value: number) => ({ name: of, type: binding.TF_ATTR_TYPE, value });
  const cast = (id: number, from: number, to: number) =>
    binding.executeOp("Cast", [type("SrcT", from), type("DstT", to)], [id], 1)[0]!;
  const used: number[] = [];
  const keep = (id: number) => {
    used.push(id);
    return id;
  };
  const ids = inputs.map((input) => {
    if (!(input instanceof tf.Tensor)) {
      return keep(binding.createTensor([input.length], binding.TF_INT32, Int32Array.from(input)));
    }
    return keep(cast(native.getInputTensorIds([input])[0]!, binding.TF_FLOAT, BFLOAT16).id);
  });
  const attributes = [
    type("T", BFLOAT16),
    { name: "strides", type: binding.TF_ATTR_INT, value: [1, down, right, 1] },
    { name: "padding", type: binding.TF_ATTR_STRING, value: "SAME" },
    { name: "data_format", type: binding.TF_ATTR_STRING, value: "NHWC" },
    { name: "dilations", type: binding.TF_ATTR_INT, value: [1, 1, 1, 1] },
  ];
  try {
    const half = binding.executeOp(name, attributes, ids, 1)[0]!;
    return native.createOutputTensor(cast(keep(half.id), BFLOAT16, binding.TF_FLOAT));
  } finally {
    for (const id of used) binding.deleteTensor(id);
  }
}
