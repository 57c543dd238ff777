import { blur, downsample, type Random, type Tensor4D, tf } from "../engine/index.ts";

/** What happens to a batch of pictures before they are restored. */
export interface LowResolution {
  /** Halvings of both sides: 1 = half the pixels a side, 2 = a quarter. */
  readonly halvings: number;
  /** Passes of a small blur before shrinking. */
  readonly blurs: number;
  /** Deviation of the noise on the small picture, in units of [-1, 1]. */
  readonly noise: number;
}

/** Faces as they stand in the background of a video: a quarter to half the pixels a side, soft, a little noisy. */
export function drawLowResolution(random: Random): LowResolution {
  return {
    halvings: random.chance(0.6) ? 2 : 1,
    blurs: random.integer(3),
    noise: random.chance(0.5) ? random.between(0, 0.06) : 0,
  };
}

/**
 * Pictures as they are left by a small, soft recording.
 *
 * @param images float32 [N, S, S, 3] in [-1, 1]
 * @param random of the noise
 * @returns float32 [N, S / 2^halvings, S / 2^halvings, 3]
 */
export function applyLowResolution(
  images: Tensor4D,
  { halvings, blurs, noise }: LowResolution,
  random: Random,
): Tensor4D {
  return tf.tidy(() => {
    let x = images;
    for (let i = 0; i < blurs; i++) x = blurKeepingEdges(x);
    for (let i = 0; i < halvings; i++) x = downsample(x);
    if (noise === 0) return x;
    const values = Float32Array.from({ length: x.size }, () => noise * random.normal());
    return tf.add(x, tf.tensor4d(values, x.shape));
  });
}

/** Back to full size, bilinear: what a restorer is given. @returns float32 [N, side, side, 3] */
export function upscale(small: Tensor4D, side: number): Tensor4D {
  return tf.image.resizeBilinear(small, [side, side], false, true);
}

/** The blur takes zeros for what lies beyond the edge; two pixels of the picture's own edge stand there instead. */
function blurKeepingEdges(x: Tensor4D): Tensor4D {
  const [n, h, w, c] = x.shape;
  const wide = tf.mirrorPad(
    x,
    [
      [0, 0],
      [1, 1],
      [1, 1],
      [0, 0],
    ],
    "symmetric",
  ) as Tensor4D;
  return tf.slice(blur(wide), [0, 1, 1, 0], [n, h, w, c]);
}
