/**
 * The one door to TensorFlow.js: every other folder takes `tf` from here, never from a package.
 *
 * Core operations only (no layers, no WebGL), so that a worker starts in a fraction of a second.
 */

export type { Tensor, Tensor1D, Tensor2D, Tensor4D, Variable } from "@tensorflow/tfjs-core";
export * as tf from "@tensorflow/tfjs-core";
