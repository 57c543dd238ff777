import {
  readValues,
  type Scalar,
  type Tensor,
  type Tensor2D,
  type Tensor4D,
  tf,
} from "../../engine/index.ts";
import {
  classLogits,
  type Discriminator,
  signAgainst,
  statisticsClasses,
  trainedVariables,
} from "../../networks/index.ts";
import { globalNorm } from "../weight-update.ts";
import type { AdamW } from "./adamw.ts";
import { CLASSES, type TrainBatch } from "./batch-source.ts";

/**
 * One update of a discriminator on one batch.
 *
 * @param batch of faces, or of statistics for a head over those of a frozen trunk
 * @returns mean cross-entropy of the batch before the update, with smoothed labels, over authentic and forged, or over all
 *   classes where the network tells more apart; may be NaN: the caller looks
 */
export function trainStep(
  discriminator: Discriminator,
  optimizer: AdamW,
  batch: TrainBatch,
  options: {
    readonly size: number;
    readonly learningRate: number;
    readonly clipNorm: number;
    readonly dropout: number;
    readonly labelSmoothing: number;
    readonly seed: number;
    /** Whether the face trunk learns too; it does when left out. */
    readonly trunk?: "frozen" | "trained";
    /** Half of the batch is changed against the network by up to this many grey levels; 0 when left out. */
    readonly adversarial?: number;
  },
): number {
  const variables = trainedVariables(discriminator, options.trunk);
  const count = batch.classes.length;
  const isReal = Array.from(batch.classes, (of) => of === CLASSES.authentic);
  const input = tf.tidy(() => {
    if ("statistics" in batch) return tf.tensor2d(batch.statistics, [count, batch.statistics.length / count]);
    const faces = tf.tensor4d(new Float32Array(batch.faces), [count, options.size, options.size, 3]);
    if (!options.adversarial) return faces;
    const { adversarial: eps, seed } = options;
    return changeAgainst(discriminator, faces, isReal, { eps, seed });
  });
  const { value, grads } = tf.variableGrads(() => {
    const said =
      input.rank === 2
        ? statisticsClasses(discriminator.parameters, input as Tensor2D, options)
        : classLogits(discriminator, input as Tensor4D, "training", options);
    return crossEntropy(said, batch.classes, options.labelSmoothing);
  }, variables);
  const loss = value.dataSync()[0]!;
  if (Number.isFinite(loss)) {
    const gradients = variables.map((v) => grads[v.name]);
    optimizer.apply(gradients, {
      learningRate: options.learningRate,
      gradientScale: Math.min(1, options.clipNorm / globalNorm(gradients.filter((g) => g !== undefined))),
    });
  }
  tf.dispose([input, value, grads]);
  return loss;
}

/**
 * @param said float32 [N, 1] or [N, K] of `classLogits`
 * @param smoothing share of a target that all classes divide among them
 */
function crossEntropy(said: Tensor2D, classes: Uint8Array, smoothing: number): Scalar {
  const [count, width] = said.shape;
  if (width === 1) {
    const z = tf.reshape(said, [-1]);
    const targets = Array.from(
      classes,
      (of) => (of === CLASSES.authentic ? 1 : 0) * (1 - smoothing) + smoothing / 2,
    );
    // log(1 + e^z) - y z is the cross-entropy of sigmoid(z), without a sigmoid that could round to 0 or 1.
    return tf.mean(tf.sub(tf.softplus(z), tf.mul(targets, z)));
  }
  const targets = new Float32Array(count * width).fill(smoothing / width);
  classes.forEach((of, i) => {
    targets[i * width + of]! += 1 - smoothing;
  });
  return tf.neg(tf.mean(tf.sum(tf.mul(tf.tensor2d(targets, [count, width]), tf.logSoftmax(said)), 1)));
}

/**
 * The first half of a batch, changed so that the network is more wrong about it: one signed gradient step of 1.25 eps
 * from a random start within eps (Wong, Rice & Kolter, "Fast is better than free", 2020).
 *
 * @param faces float32 [N, S, S, 3] in [0, 255]; real and forged in turn, so that half of the batch holds both
 * @param options.eps largest change of a channel, of 255
 * @returns a new tensor of the same shape; the second half is as it was
 */
function changeAgainst(
  discriminator: Discriminator,
  faces: Tensor4D,
  isReal: readonly boolean[],
  { eps, seed }: { eps: number; seed: number },
): Tensor4D {
  const half = isReal.length >> 1;
  return tf.tidy(() => {
    const [first, second] = tf.split(faces, [half, isReal.length - half]) as [Tensor4D, Tensor4D];
    const start = tf.randomUniform(first.shape, -eps, eps, "float32", seed);
    const sign = signAgainst(discriminator, tf.add(first, start), isReal.slice(0, half));
    const change = tf.clipByValue(tf.add(start, tf.mul(sign, 1.25 * eps)), -eps, eps);
    return tf.concat([tf.clipByValue(tf.add(first, change), 0, 255), second], 0) as Tensor4D;
  });
}

/** Linear warm-up, then half a cosine down to nothing (Loshchilov & Hutter 2017). */
export function learningRateAt(
  step: number,
  options: { peak: number; warmUp: number; steps: number },
): number {
  if (step < options.warmUp) return (options.peak * (step + 1)) / options.warmUp;
  const done = (step - options.warmUp) / Math.max(1, options.steps - options.warmUp);
  return options.peak * 0.5 * (1 + Math.cos(Math.PI * done));
}

/**
 * How far faces are changed against the network at a step: more from step to step in the first half of the run. All at
 * once the answer that errs least is the same one for every face, and training ends there.
 */
export function adversarialAt(step: number, options: { most: number; steps: number }): number {
  return options.most * Math.min(1, (2 * (step + 1)) / options.steps);
}

/**
 * Logits of plain crops, in batches of 32.
 *
 * @param faces RGB uint8 [S, S, 3] each
 * @param score float32 [N, S, S, 3] to float32 [N] or [N, K]: those of a face stand together in what is returned
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
  const pixels = new Float32Array(batch.length * size * size * 3);
  for (const [i, face] of batch.entries()) pixels.set(face, i * size * size * 3);
  return readValues(() => score(tf.tensor4d(pixels, [batch.length, size, size, 3])));
}
