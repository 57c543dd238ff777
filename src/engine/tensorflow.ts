/**
 * The only import of TensorFlow.js; all other folders import `tf` from here.
 *
 * Core operations only, without gradients (see `index.ts`), so that workers start fast.
 */

export type { Scalar, Tensor, Tensor1D, Tensor2D, Tensor3D, Tensor4D, Variable } from "@tensorflow/tfjs-core";
export * as tf from "@tensorflow/tfjs-core";
