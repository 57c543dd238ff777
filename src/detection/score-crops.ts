import { readValues, type Tensor4D, tf } from "../engine/index.ts";
import { CLASSES, type Discriminator, headLogits, logits, realLogit } from "../networks/index.ts";

/** What the network says of one face crop, not calibrated. */
export interface CropScore {
  /** Above 0 leans to authentic, below to forged. */
  readonly logit: number;
  /** If the face is fake: probability in [0, 1] that it is synthetic rather than manipulated; null without such a head. */
  readonly syntheticShare: number | null;
}

/**
 * Scores face crops in one batch.
 *
 * @param crops RGB uint8 [size, size, 3] each
 */
export function scoreCrops(
  discriminator: Discriminator,
  crops: readonly Uint8Array[],
  size: number,
): CropScore[] {
  if (crops.length === 0) return [];
  if (discriminator.architecture !== "mobilenet-v1") {
    const values = readValues(() => logits(discriminator, batchOf(crops, size), "inference"));
    return Array.from(values, (logit) => ({ logit, syntheticShare: null }));
  }
  const values = readValues(() => {
    const { classes } = headLogits(discriminator.parameters, batchOf(crops, size), "inference");
    const fakes = tf.slice(classes, [0, CLASSES.manipulated], [-1, 2]);
    return tf.stack([realLogit(classes), tf.reshape(tf.slice(tf.softmax(fakes), [0, 1], [-1, 1]), [-1])], 1);
  });
  return crops.map((_, i) => ({ logit: values[2 * i]!, syntheticShare: values[2 * i + 1]! }));
}

/** @param crops RGB uint8 [size, size, 3] each @returns float32 [N, size, size, 3] */
export function batchOf(crops: readonly Uint8Array[], size: number): Tensor4D {
  const pixels = new Float32Array(crops.length * size * size * 3);
  for (const [i, crop] of crops.entries()) pixels.set(crop, i * crop.length);
  return tf.tensor4d(pixels, [crops.length, size, size, 3]);
}
