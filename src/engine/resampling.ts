import { type Tensor, type Tensor4D, tf } from "./tensorflow.ts";

type Linear = (x: Tensor4D) => Tensor4D;

/** A linear operation with the given gradient. */
function linear(forward: Linear, adjoint: Linear): Linear {
  return tf.customGrad((x) => ({
    value: forward(x as Tensor4D),
    gradFunc: (dy: Tensor) => adjoint(dy as Tensor4D),
  })) as unknown as Linear;
}

const repeat: Linear = (x) => tf.image.resizeNearestNeighbor(x, [x.shape[1] * 2, x.shape[2] * 2]);
const mean: Linear = (x) => tf.avgPool(x, 2, 2, "valid");

/** Doubles both sides by repeating pixels. @param x float32 [N, H, W, C] @returns [N, 2H, 2W, C] */
export const upsample: Linear = linear(repeat, (dy) => tf.mul(mean(dy), 4));

/** Halves both sides by averaging 2 x 2 pixels. @param x float32 [N, 2H, 2W, C] @returns [N, H, W, C] */
export const downsample: Linear = linear(mean, (dy) => tf.mul(repeat(dy), 0.25));

const BINOMIAL = [1, 2, 1, 2, 4, 2, 1, 2, 1].map((weight) => weight / 16);

const smooth: Linear = (x) =>
  tf.tidy(() => {
    const each = tf.tensor4d(
      BINOMIAL.flatMap((tap) => new Array<number>(x.shape[3]).fill(tap)),
      [3, 3, x.shape[3], 1],
    );
    return tf.depthwiseConv2d(x, each, 1, "same");
  });

/**
 * Binomial 3 x 3 filter with zero padding, against checkerboards after `upsample` and aliasing before `downsample` (Zhang
 * 2019; Karras et al. 2019). It is symmetric, so it is its own gradient.
 */
export const blur: Linear = linear(smooth, smooth);
