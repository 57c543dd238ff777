import { floatAttribute, nativeBackend, typeAttribute } from "./native-operations.ts";
import { type Tensor, tf } from "./tensorflow.ts";

/**
 * min(max(x, 0), 6), with a gradient that is one pass over the data.
 *
 * TensorFlow.js derives it through `tf.step`, which takes some fifteen times as long as the activation itself
 * on the native backend; TensorFlow's own `Relu6Grad` op halves the time of a whole training step.
 *
 * @param x float32, any shape
 */
export function relu6<T extends Tensor>(x: T): T {
  return relu6WithGradient(x) as T;
}

const relu6WithGradient = tf.customGrad((x, save) => {
  const input = x as Tensor;
  const value = tf.relu6(input);
  (save as (tensors: Tensor[]) => void)([value]);
  return {
    value,
    gradFunc: (dy: Tensor, saved: Tensor[]) => relu6Gradient(dy, saved[0]!),
  };
});

/** dy where 0 < y < 6, else 0; the output says as much as the input does. */
function relu6Gradient(dy: Tensor, y: Tensor): Tensor {
  const native = nativeBackend();
  if (native !== null) return native.executeSingleOutput("Relu6Grad", [typeAttribute("T")], [dy, y]);
  return tf.mul(dy, tf.cast(tf.logicalAnd(tf.greater(y, 0), tf.less(y, 6)), "float32"));
}

/**
 * max(x, 0), with a gradient that is one pass over the data; see {@link relu6}.
 *
 * @param x float32, any shape
 */
export function relu<T extends Tensor>(x: T): T {
  return reluWithGradient(x) as T;
}

const reluWithGradient = tf.customGrad((x, save) => {
  const value = tf.relu(x as Tensor);
  (save as (tensors: Tensor[]) => void)([value]);
  return { value, gradFunc: (dy: Tensor, saved: Tensor[]) => reluGradient(dy, saved[0]!) };
});

function reluGradient(dy: Tensor, y: Tensor): Tensor {
  const native = nativeBackend();
  if (native !== null) return native.executeSingleOutput("ReluGrad", [typeAttribute("T")], [dy, y]);
  return tf.mul(dy, tf.cast(tf.greater(y, 0), "float32"));
}

/** Slope of `leakyRelu` below zero (Radford et al. 2016; Karras et al. 2018). */
const LEAK = 0.2;

/**
 * x above zero, 0.2 x below, with a gradient that is one pass over the data; see {@link relu6}.
 *
 * @param x float32, any shape
 */
export function leakyRelu<T extends Tensor>(x: T): T {
  return leakyReluWithGradient(x) as T;
}

const leakyReluWithGradient = tf.customGrad((x, save) => {
  const input = x as Tensor;
  // On wasm the kernel of this name takes fifty times as long as these two.
  const value = nativeBackend() === null ? tf.maximum(input, tf.mul(input, LEAK)) : tf.leakyRelu(input, LEAK);
  (save as (tensors: Tensor[]) => void)([value]);
  return { value, gradFunc: (dy: Tensor, saved: Tensor[]) => leakyReluGradient(dy, saved[0]!) };
});

/** The output has the input's sign, so it says which slope it was. */
function leakyReluGradient(dy: Tensor, y: Tensor): Tensor {
  const native = nativeBackend();
  if (native !== null) {
    const attributes = [typeAttribute("T"), floatAttribute("alpha", LEAK)];
    return native.executeSingleOutput("LeakyReluGrad", attributes, [dy, y]);
  }
  const slope = tf.add(tf.mul(tf.cast(tf.greater(y, 0), "float32"), 1 - LEAK), LEAK);
  return tf.mul(dy, slope);
}
