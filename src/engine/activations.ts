import { floatAttribute, nativeBackend, typeAttribute } from "./native-operations.ts";
import { type Tensor, tf } from "./tensorflow.ts";

/**
 * min(max(x, 0), 6) with a fast gradient.
 *
 * TensorFlow.js computes the gradient with `tf.step`, which takes about fifteen times as long as the activation on the
 * native backend. TensorFlow's `Relu6Grad` halves the time of a whole training step.
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

/** dy where 0 < y < 6, else 0. The output y is enough; the input is not needed. */
function relu6Gradient(dy: Tensor, y: Tensor): Tensor {
  const native = nativeBackend();
  if (native !== null) return native.executeSingleOutput("Relu6Grad", [typeAttribute("T")], [dy, y]);
  return tf.mul(dy, tf.cast(tf.logicalAnd(tf.greater(y, 0), tf.less(y, 6)), "float32"));
}

/**
 * max(x, 0) with a fast gradient; see {@link relu6}.
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
 * x above zero, 0.2 x below, with a fast gradient; see {@link relu6}.
 *
 * @param x float32, any shape
 */
export function leakyRelu<T extends Tensor>(x: T): T {
  return leakyReluWithGradient(x) as T;
}

const leakyReluWithGradient = tf.customGrad((x, save) => {
  const input = x as Tensor;
  // The LeakyRelu kernel of wasm takes fifty times as long as these two operations.
  const value = nativeBackend() === null ? tf.maximum(input, tf.mul(input, LEAK)) : tf.leakyRelu(input, LEAK);
  (save as (tensors: Tensor[]) => void)([value]);
  return { value, gradFunc: (dy: Tensor, saved: Tensor[]) => leakyReluGradient(dy, saved[0]!) };
});

/** The output has the sign of the input, so it determines the slope. */
function leakyReluGradient(dy: Tensor, y: Tensor): Tensor {
  const native = nativeBackend();
  if (native !== null) {
    const attributes = [typeAttribute("T"), floatAttribute("alpha", LEAK)];
    return native.executeSingleOutput("LeakyReluGrad", attributes, [dy, y]);
  }
  const slope = tf.add(tf.mul(tf.cast(tf.greater(y, 0), "float32"), 1 - LEAK), LEAK);
  return tf.mul(dy, slope);
}
