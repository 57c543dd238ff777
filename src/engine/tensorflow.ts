/**
 * The one door to TensorFlow.js: every other folder takes `tf` from here, never from a package.
 *
 * Core operations only (no WebGL, no data, no gradients, see `index.ts`), so that a worker starts in a fraction of a second.
 */

export type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D, Variable } from "@tensorflow/tfjs-core";
export * as tf from "@tensorflow/tfjs-core";
