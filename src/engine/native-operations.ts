import { type Tensor, tf } from "./tensorflow.ts";

/** The native backend can run any TensorFlow operation by its name. */
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
  /** A float32 tensor that takes ownership of the handle. */
  createOutputTensor(output: Output): Tensor;
  readonly binding: Binding;
}

type Constant = `TF_ATTR_${"TYPE" | "FLOAT" | "BOOL" | "INT" | "STRING"}` | "TF_FLOAT" | "TF_INT32";

/** The binding below the backend: handles instead of tensors, and types that TensorFlow.js does not support. */
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

/** The native backend if it is the current backend, else null. */
export function nativeBackend(): NativeBackend | null {
  return tf.getBackend() === "tensorflow" ? (tf.backend() as unknown as NativeBackend) : null;
}

const binding = () => (tf.backend() as unknown as NativeBackend).binding;

/** A type attribute with the value float32; native backend only. */
export function typeAttribute(name: string): Attribute {
  return { name, type: binding().TF_ATTR_TYPE, value: binding().TF_FLOAT };
}

/** A float attribute; native backend only. */
export function floatAttribute(name: string, value: number): Attribute {
  return { name, type: binding().TF_ATTR_FLOAT, value };
}

/** A boolean attribute; native backend only. */
export function booleanAttribute(name: string, value: boolean): Attribute {
  return { name, type: binding().TF_ATTR_BOOL, value };
}
