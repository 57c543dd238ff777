import { type Random, type Tensor3D, type Tensor4D, tf } from "../../engine/index.ts";

/** Shifts of up to an eighth of the side, squares of half the side (Zhao et al. 2020). */
const SHIFT = 1 / 8;
const CUTOUT = 1 / 2;

export type AugmentPart = "colour" | "translation" | "cutout";

/** Parses e.g. `colour,cutout` or `none`. */
export function parseAugment(text: string): AugmentPart[] {
  return text === "none" ? [] : (text.split(",") as AugmentPart[]);
}

/**
 * DiffAugment (Zhao et al. 2020): differentiable augmentation of the discriminator's reals and fakes, against overfitting.
 *
 * @param images float32 [N, S, S, 3] in [-1, 1]
 * @param random draws for each image separately
 */
export function augment(images: Tensor4D, parts: readonly AugmentPart[], random: Random): Tensor4D {
  let x = images;
  if (parts.includes("colour")) x = recolour(x, random);
  if (parts.includes("translation")) x = translate(x, random);
  if (parts.includes("cutout")) x = cutOut(x, random);
  return x;
}

/** Brightness +-0.5, saturation 0 to 2, contrast 0.5 to 1.5. */
function recolour(images: Tensor4D, random: Random): Tensor4D {
  const draw = (low: number, high: number) => perImage(images.shape[0], () => random.between(low, high));
  let x = tf.add(images, draw(-0.5, 0.5)) as Tensor4D;
  const grey = tf.mean(x, 3, true);
  x = tf.add(tf.mul(tf.sub(x, grey), draw(0, 2)), grey);
  const middle = tf.mean(x, [1, 2, 3], true);
  return tf.add(tf.mul(tf.sub(x, middle), draw(0.5, 1.5)), middle);
}

/** One number per image, [N, 1, 1, 1]. */
function perImage(count: number, draw: () => number): Tensor4D {
  return tf.tensor4d(Float32Array.from({ length: count }, draw), [count, 1, 1, 1]);
}

/**
 * Shifts each image by whole pixels, padded with 0 (grey). The shift is a matrix product, which is faster than gathering
 * pixels and has a fast gradient.
 */
function translate(images: Tensor4D, random: Random): Tensor4D {
  const [n, side, , c] = images.shape;
  const limit = Math.round(side * SHIFT);
  const shifts = () => {
    const matrices = new Float32Array(n * side * side);
    for (let i = 0; i < n; i++) {
      const shift = random.integer(2 * limit + 1) - limit;
      for (let row = Math.max(0, shift); row < Math.min(side, side + shift); row++) {
        matrices[(i * side + row) * side + row - shift] = 1;
      }
    }
    return tf.tensor3d(matrices, [n, side, side]);
  };
  const along = (x: Tensor4D) =>
    tf.reshape(tf.matMul(shifts(), tf.reshape(x, [n, side, side * c]) as Tensor3D), [n, side, side, c]);
  const rows = along(images) as Tensor4D;
  const columns = along(tf.transpose(rows, [0, 2, 1, 3]) as Tensor4D) as Tensor4D;
  return tf.transpose(columns, [0, 2, 1, 3]) as Tensor4D;
}

/** Replaces a random square of half the side by grey. */
function cutOut(images: Tensor4D, random: Random): Tensor4D {
  const [n, side] = images.shape;
  const cut = Math.round(side * CUTOUT);
  const mask = new Float32Array(n * side * side).fill(1);
  for (let i = 0; i < n; i++) {
    const top = random.integer(side + 1 - (cut % 2)) - (cut >> 1);
    const left = random.integer(side + 1 - (cut % 2)) - (cut >> 1);
    for (let row = Math.max(0, top); row < Math.min(side, top + cut); row++) {
      const begin = (i * side + row) * side;
      mask.fill(0, begin + Math.max(0, left), begin + Math.min(side, left + cut));
    }
  }
  return tf.mul(images, tf.tensor4d(mask, [n, side, side, 1]));
}
