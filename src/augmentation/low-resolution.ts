import { blur, downsample, type Random, type Tensor4D, tf } from "../engine/index.ts";

/** Degradation of the restorer's input. */
export interface LowResolution {
  /** Number of halvings of both sides. */
  readonly halvings: number;
  /** Number of passes of a small blur before downsampling. */
  readonly blurs: number;
  /** Standard deviation of the noise on the small image, in units of [-1, 1]. */
  readonly noise: number;
}

/** Draws a degradation like that of background faces in a video. */
export function drawLowResolution(random: Random): LowResolution {
  return {
    halvings: random.chance(0.6) ? 2 : 1,
    blurs: random.integer(3),
    noise: random.chance(0.5) ? random.between(0, 0.06) : 0,
  };
}

/**
 * Blurs, downsamples and adds noise.
 *
 * @param images float32 [N, S, S, 3] in [-1, 1]
 * @param random source of the noise
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

/** Bilinear upsampling to full size, the input of the restorer. @returns float32 [N, side, side, 3] */
export function upscale(small: Tensor4D, side: number): Tensor4D {
  return tf.image.resizeBilinear(small, [side, side], false, true);
}

/** Blur with mirrored edges, because `blur` pads with zeros. */
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
