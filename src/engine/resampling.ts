import { type Tensor, type Tensor4D, tf } from "./tensorflow.ts";

type Linear = (x: Tensor4D) => Tensor4D;

/** A linear operation whose gradient is another one, named instead of derived. */
function linear(forward: Linear, adjoint: Linear): Linear {
  return tf.customGrad((x) => ({
    value: forward(x as Tensor4D),
    gradFunc: (dy: Tensor) => adjoint(dy as Tensor4D),
  })) as unknown as Linear;
}

const repeat: Linear = (x) => tf.image.resizeNearestNeighbor(x, [x.shape[1] * 2, x.shape[2] * 2]);
const mean: Linear = (x) => tf.avgPool(x, 2, 2, "valid");

/** Doubles both sides, each pixel four times. @param x float32 [N, H, W, C] @returns [N, 2H, 2W, C] */
export const upsample: Linear = linear(repeat, (dy) => tf.mul(mean(dy), 4));

/** Halves both sides, each pixel the mean of four. @param x float32 [N, 2H, 2W, C] @returns [N, H, W, C] */
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
 * Binomial 3 x 3 filter, zeros beyond the edge; against checkerboards after `upsample` and aliases before
 * `downsample` (Zhang 2019; Karras et al. 2019). Symmetric, so it is its own gradient.
 */
export const blur: Linear = linear(smooth, smooth);
