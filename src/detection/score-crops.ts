import { inBatches, runAndRead, tf } from "../engine/index.ts";
import { CLASSES, cropBatch, type Discriminator, headLogits, logits, realLogit } from "../networks/index.ts";
import type { HeatMap } from "../types/pictures.ts";

/** Output of the network for one face crop, not calibrated. */
export interface CropScore {
  /** Positive: authentic, negative: forged. */
  readonly logit: number;
  /** If the face is fake: probability in [0, 1] that it is synthetic rather than manipulated; null without such a head. */
  readonly syntheticShare: number | null;
  /** Null without a localization head. */
  readonly heat: HeatMap | null;
}

/**
 * Scores face crops with all heads in one forward pass.
 *
 * @param crops RGB uint8 [size, size, 3] each
 */
export function scoreCrops(
  discriminator: Discriminator,
  crops: readonly Uint8Array[],
  size: number,
): CropScore[] {
  return inBatches(crops, (batch) => scoreBatch(discriminator, batch, size));
}

function scoreBatch(discriminator: Discriminator, crops: readonly Uint8Array[], size: number): CropScore[] {
  if (discriminator.architecture !== "mobilenet-v1") {
    const values = runAndRead(() => logits(discriminator, cropBatch(crops, size), "inference"));
    return Array.from(values, (logit) => ({ logit, syntheticShare: null, heat: null }));
  }
  let [height, width] = [0, 0];
  // One row per face: logit, syntheticShare, cells of the map.
  const values = runAndRead(() => {
    const faces = cropBatch(crops, size);
    const { classes, localization } = headLogits(discriminator.parameters, faces, "inference");
    [, height, width] = localization.shape;
    const fakes = tf.softmax(tf.slice(classes, [0, CLASSES.manipulated], [-1, 2]));
    const cells = tf.reshape(tf.sigmoid(localization), [crops.length, -1]);
    return tf.concat([tf.expandDims(realLogit(classes), 1), tf.slice(fakes, [0, 1], [-1, 1]), cells], 1);
  });
  const length = 2 + width * height;
  return crops.map((_, i) => {
    const [logit, syntheticShare, ...fake] = values.subarray(i * length, (i + 1) * length);
    const heat = { width, height, fake: Float32Array.from(fake) };
    return { logit: logit!, syntheticShare: syntheticShare!, heat };
  });
}
