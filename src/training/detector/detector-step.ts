import {
  runAndRead,
  type Scalar,
  type Tensor,
  type Tensor3D,
  type Tensor4D,
  tf,
} from "../../engine/index.ts";
import {
  CLASS_COUNT,
  CLASSES,
  cropBatch,
  type Discriminator,
  headLogits,
  logits,
  trainedVariables,
} from "../../networks/index.ts";
import type { AdamW } from "../adamw.ts";
import { globalNorm } from "../weight-update.ts";
import type { FaceBatch } from "./face-batch.ts";

/** Weight of the localization loss. */
const LOCALIZATION_WEIGHT = 0.4;

/**
 * One update of a discriminator on one batch.
 *
 * @returns loss of the batch before the update: cross-entropy of the classes with smoothed labels; for `mobilenet-v1` plus 0.4
 *   times the binary cross-entropy of the known localization maps. May be NaN; then no update is made.
 */
export function trainStep(
  discriminator: Discriminator,
  optimizer: AdamW,
  batch: FaceBatch,
  options: {
    readonly size: number;
    readonly learningRate: number;
    readonly clipNorm: number;
    readonly dropout: number;
    readonly labelSmoothing: number;
    readonly seed: number;
    readonly freezeBackbone?: boolean;
  },
): number {
  const isBackboneFrozen = options.freezeBackbone ?? false;
  const variables = trainedVariables(discriminator, isBackboneFrozen);
  const count = batch.classes.length;
  const faces = tf.tensor4d(new Float32Array(batch.faces), [count, options.size, options.size, 3]);
  const { value, grads } = tf.variableGrads(() => {
    if (discriminator.architecture !== "mobilenet-v1") {
      return binaryLoss(logits(discriminator, faces, "training"), batch.classes, options.labelSmoothing);
    }
    const heads = headLogits(discriminator.parameters, faces, "training", { ...options, isBackboneFrozen });
    const classification = classLoss(heads.classes, batch.classes, options.labelSmoothing);
    const localization = localizationLoss(heads.localization, batch);
    return tf.add(classification, tf.mul(localization, LOCALIZATION_WEIGHT)) as Scalar;
  }, variables);
  const loss = value.dataSync()[0]!;
  if (Number.isFinite(loss)) {
    const gradients = variables.map((v) => grads[v.name]);
    optimizer.apply(gradients, {
      learningRate: options.learningRate,
      gradientScale: Math.min(1, options.clipNorm / globalNorm(gradients.filter((g) => g !== undefined))),
    });
  }
  tf.dispose([faces, value, grads]);
  return loss;
}

/**
 * Cross-entropy of the classes.
 *
 * @param output float32 [N, 3]
 * @param smoothing fraction of each target that is spread over all classes
 */
function classLoss(output: Tensor, classes: Uint8Array, smoothing: number): Scalar {
  const targets = new Float32Array(classes.length * CLASS_COUNT).fill(smoothing / CLASS_COUNT);
  classes.forEach((label, i) => {
    targets[i * CLASS_COUNT + label]! += 1 - smoothing;
  });
  const rows = tf.tensor2d(targets, [classes.length, CLASS_COUNT]);
  return tf.neg(tf.mean<Scalar>(tf.sum(tf.mul(rows, tf.logSoftmax(output)), 1)));
}

/** Binary cross-entropy of real against fake. @param output float32 [N] */
function binaryLoss(output: Tensor, classes: Uint8Array, smoothing: number): Scalar {
  const targets = Array.from(
    classes,
    (label) => (label === CLASSES.real ? 1 : 0) * (1 - smoothing) + smoothing / 2,
  );
  return tf.mean(crossEntropy(output, tf.tensor1d(targets)));
}

/** Mean over cells and faces; faces with an unknown map count as 0. */
function localizationLoss(output: Tensor3D, { maps, mapWeights }: FaceBatch): Scalar {
  const cells = crossEntropy(output, tf.tensor3d(maps, output.shape));
  return tf.mean(tf.mul(tf.mean(cells, [1, 2]), tf.tensor1d(mapWeights)));
}

/** Cross-entropy of sigmoid(z) as log(1 + e^z) - y z, which is numerically stable. */
function crossEntropy(z: Tensor, targets: Tensor): Tensor {
  return tf.sub(tf.softplus(z), tf.mul(targets, z));
}

/** Linear warm-up, then cosine decay to 0 (Loshchilov & Hutter 2017). */
export function learningRateAt(
  step: number,
  options: { peak: number; warmUp: number; steps: number },
): number {
  if (step < options.warmUp) return (options.peak * (step + 1)) / options.warmUp;
  const done = (step - options.warmUp) / Math.max(1, options.steps - options.warmUp);
  return options.peak * 0.5 * (1 + Math.cos(Math.PI * done));
}

/**
 * Scores crops in batches of 32.
 *
 * @param faces RGB uint8 [S, S, 3] each
 * @param score maps float32 [N, S, S, 3] to float32 [N] or [N, K]
 * @returns the scores of all faces, one face after the other
 */
export async function scoreFaces(
  score: (faces: Tensor4D) => Tensor,
  faces: AsyncIterable<Uint8Array>,
  size: number,
): Promise<number[]> {
  const scores: number[] = [];
  let batch: Uint8Array[] = [];
  for await (const face of faces) {
    batch.push(face);
    if (batch.length < 32) continue;
    scores.push(...scoreBatch(score, batch, size));
    batch = [];
  }
  if (batch.length > 0) scores.push(...scoreBatch(score, batch, size));
  return scores;
}

function scoreBatch(
  score: (faces: Tensor4D) => Tensor,
  batch: readonly Uint8Array[],
  size: number,
): Float32Array {
  return runAndRead(() => score(cropBatch(batch, size)));
}
