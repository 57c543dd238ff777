import { seededRandom, type Tensor4D, tf } from "../engine/index.ts";
import { cropBatch, gradientSign } from "../networks/index.ts";
import type { CropModel } from "./face-crops.ts";

/** Number of PGD steps, and step size as a multiple of epsilon / steps (Madry et al. 2018). */
export const PGD_STEPS = 10;
const PGD_STRIDE = 2.5;
const BATCH = 16;

/** A white-box attack; `epsilon` is the maximum change of a pixel value, of 255. */
export interface AttackSpec {
  readonly method: "fgsm" | "pgd";
  readonly epsilon: number;
}

/** A face crop to attack: a real towards forged, a fake towards authentic. */
export interface Target {
  /** RGB uint8 [S, S, 3]. */
  readonly crop: Uint8Array;
  readonly isReal: boolean;
}

/**
 * Adversarial examples: the fast gradient sign method (Goodfellow et al. 2015) or projected gradient descent from a random
 * start (Madry et al. 2018).
 *
 * @returns attacked crops, RGB uint8 [S, S, 3] each
 */
export function attackCrops(
  model: CropModel,
  targets: readonly Target[],
  spec: AttackSpec & { readonly seed: number },
): Uint8Array[] {
  const attacked: Uint8Array[] = [];
  for (let i = 0; i < targets.length; i += BATCH) {
    attacked.push(...attackBatch(model, targets.slice(i, i + BATCH), { ...spec, seed: spec.seed + i }));
  }
  return attacked;
}

function attackBatch(
  { discriminator, manifest }: CropModel,
  targets: readonly Target[],
  { method, epsilon, seed }: AttackSpec & { readonly seed: number },
): Uint8Array[] {
  const size = manifest.crop.sizePx;
  const length = size * size * 3;
  const result = tf.tidy(() => {
    const clean = cropBatch(
      targets.map((target) => target.crop),
      size,
    );
    const isReal = targets.map((target) => target.isReal);
    const [low, high] = [tf.maximum(tf.sub(clean, epsilon), 0), tf.minimum(tf.add(clean, epsilon), 255)];
    const inside = (images: Tensor4D) => tf.minimum(tf.maximum(images, low), high) as Tensor4D;
    const step = (images: Tensor4D, stride: number) =>
      tf.tidy(() => inside(tf.add(images, tf.mul(gradientSign(discriminator, images, isReal), stride))));
    if (method === "fgsm") return tf.round(step(clean, epsilon));
    const random = seededRandom(seed);
    const noise = Float32Array.from({ length: targets.length * length }, () =>
      random.between(-epsilon, epsilon),
    );
    let images = inside(tf.add(clean, tf.tensor4d(noise, clean.shape)) as Tensor4D);
    for (let i = 0; i < PGD_STEPS; i++) {
      const next = step(images, (PGD_STRIDE * epsilon) / PGD_STEPS);
      images.dispose();
      images = next;
    }
    return tf.round(images);
  });
  const values = Uint8Array.from(result.dataSync());
  result.dispose();
  return targets.map((_, i) => values.slice(i * length, (i + 1) * length));
}
