import { type Tensor, tf } from "./tensorflow.ts";

/** What the native backend offers besides kernels: any operation of TensorFlow by its name. */
export interface NativeBackend {
  executeSingleOutput(name: string, attributes: readonly Attribute[], inputs: readonly Tensor[]): Tensor;
  executeMultipleOutputs(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly Tensor[],
    outputs: number,
  ): Tensor[];
  /** Handles of the tensors in libtensorflow. */
  getInputTensorIds(tensors: readonly Tensor[]): number[];
  /** A float32 tensor for a handle, which it then owns. */
  createOutputTensor(output: Output): Tensor;
  readonly binding: Binding;
}

type Constant = `TF_ATTR_${"TYPE" | "FLOAT" | "BOOL" | "INT" | "STRING"}` | "TF_FLOAT" | "TF_INT32";

/** The door below the backend: handles instead of tensors, and types that TensorFlow.js does not know. */
type Binding = Readonly<Record<Constant, number>> & {
  executeOp(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly number[],
    outputs: number,
  ): Output[];
  createTensor(shape: readonly number[], type: number, values: Int32Array): number;
  deleteTensor(id: number): void;
};

interface Output {
  readonly id: number;
  readonly shape: number[];
  readonly dtype: number;
}

interface Attribute {
  readonly name: string;
  readonly type: number;
  readonly value: number | boolean | string | readonly number[];
}

/** The native backend where it is the current one, else null. */
export function nativeBackend(): NativeBackend | null {
  return tf.getBackend() === "tensorflow" ? (tf.backend() as unknown as NativeBackend) : null;
}

const binding = () => (tf.backend() as unknown as NativeBackend).binding;

/** An attribute that says "float32"; native backend only. */
export function typeAttribute(name: string): Attribute {
  return { name, type: binding().TF_ATTR_TYPE, value: binding().TF_FLOAT };
}

/** A number as an attribute; native backend only. */
export function floatAttribute(name: string, value: number): Attribute {
  return { name, type: binding().TF_ATTR_FLOAT, value };
}

/** A truth as an attribute; native backend only. */
export function booleanAttribute(name: string, value: boolean): Attribute {
  return { name, type: binding().TF_ATTR_BOOL, value };
}
