import {
  type Random,
  type Scalar,
  type Tensor,
  type Tensor4D,
  tf,
  withPrecision,
} from "../../engine/index.ts";
import {
  type Discriminator,
  discriminate,
  drawLatents,
  type Generator,
  generate,
  type Pass,
  type Stage,
} from "../../networks/index.ts";
import type { AdamW } from "../adamw.ts";
import { globalNorm } from "../weight-update.ts";
import { type AugmentPart, augment } from "./diff-augment.ts";
import { r1Penalty } from "./gradient-penalty.ts";
import { discriminatorLoss, featureMatchingLoss, type GanLoss, generatorLoss } from "./losses.ts";

/** Options of one step of either network. */
export interface StepOptions {
  readonly loss: GanLoss;
  readonly learningRate: number;
  readonly labelSmoothing: number;
  readonly featureMatching: number;
  readonly clipNorm: number;
  readonly augment: readonly AugmentPart[];
  readonly stage: Stage | undefined;
  /** Weight of R1 in this step, including the factor of lazy regularisation; 0 = none. */
  readonly r1: number;
  readonly labels?: readonly number[];
  readonly random: Random;
}

export interface StepResult {
  readonly loss: number;
  /** Mean logits over all heads. */
  readonly realLogit: number;
  readonly fakeLogit: number;
  readonly r1: number;
  /** Norm of the gradient before clipping; NaN if loss or gradient is not finite. */
  readonly gradientNorm: number;
}

/**
 * One update of the discriminator; the generator does not change.
 *
 * @param reals float32 [N, S, S, 3] in [-1, 1]
 */
export function discriminatorStep(
  generator: Generator,
  discriminator: Discriminator,
  optimizer: AdamW,
  reals: Tensor4D,
  options: StepOptions,
): StepResult {
  const { random } = options;
  const variables = discriminator.parameters.trained;
  const fakes = tf.tidy(() => generateFakes(generator, reals.shape[0], options, false));
  const seen = tf.tidy(() => [
    augment(reals, options.augment, random),
    augment(fakes, options.augment, random),
  ]) as [Tensor4D, Tensor4D];
  const logits = { real: 0, fake: 0 };
  const { value, grads } = tf.variableGrads(() => {
    const real = discriminate(discriminator, seen[0], { ...passOf(options), isUpdating: true });
    const fake = discriminate(discriminator, seen[1], passOf(options));
    logits.real = meanOf(real.heads);
    logits.fake = meanOf(fake.heads);
    return discriminatorLoss(options.loss, real, fake, options.labelSmoothing);
  }, variables);
  let penalty = { value: 0, gradients: {} as Record<string, Tensor> };
  if (options.r1 > 0) {
    const logitsOf = (x: Tensor4D) =>
      tf.concat([...discriminate(discriminator, x, passOf(options)).heads], 1);
    // float32, because the penalty is a difference of nearly equal logits.
    const penalise = () => r1Penalty(seen[0], logitsOf, { weight: options.r1, variables });
    penalty = withPrecision("float32", penalise);
  }
  const gradients = variables.map((v) => addGradients(grads[v.name], penalty.gradients[v.name]));
  const loss = value.dataSync()[0]! + penalty.value;
  const gradientNorm = update(optimizer, gradients, loss, options);
  // Without augmentation these are the input tensors themselves.
  tf.dispose(seen.filter((images) => images !== reals && images !== fakes));
  tf.dispose([fakes, value, grads, penalty.gradients]);
  tf.dispose(gradients.filter((g): g is Tensor => g !== undefined));
  return { loss, realLogit: logits.real, fakeLogit: logits.fake, r1: penalty.value, gradientNorm };
}

/** One update of the generator; the discriminator does not change. */
export function generatorStep(
  generator: Generator,
  discriminator: Discriminator,
  optimizer: AdamW,
  reals: Tensor4D,
  options: StepOptions,
): StepResult {
  const { random, featureMatching } = options;
  const variables = generator.parameters.trained;
  const realMean =
    featureMatching > 0
      ? tf.tidy(() => {
          const x = augment(reals, options.augment, random);
          return tf.mean(discriminate(discriminator, x, passOf(options)).features, 0);
        })
      : null;
  let fakeLogit = 0;
  const { value, grads } = tf.variableGrads(() => {
    const fakes = generateFakes(generator, reals.shape[0], options, true);
    const output = discriminate(discriminator, augment(fakes, options.augment, random), passOf(options));
    fakeLogit = meanOf(output.heads);
    const adversarial = generatorLoss(options.loss, output);
    if (realMean === null) return adversarial;
    return tf.add(adversarial, tf.mul(featureMatchingLoss(realMean, output), featureMatching)) as Scalar;
  }, variables);
  const loss = value.dataSync()[0]!;
  const gradients = variables.map((v) => grads[v.name]);
  const gradientNorm = update(optimizer, gradients, loss, options);
  tf.dispose([value, grads]);
  realMean?.dispose();
  return { loss, realLogit: Number.NaN, fakeLogit, r1: 0, gradientNorm };
}

function passOf({ stage, labels }: StepOptions): Pass {
  return { mode: "training", ...(stage && { stage }), ...(labels && { labels }) };
}

function generateFakes(g: Generator, count: number, options: StepOptions, isUpdating: boolean): Tensor4D {
  const { random } = options;
  const latents = tf.tensor2d(drawLatents(g.network, count, random), [count, g.network.latent]);
  return generate(g, latents, { ...passOf(options), random, isUpdating });
}

/** Reads the values immediately, because the gradient function disposes the tensors. */
function meanOf(heads: readonly Tensor[]): number {
  const sum = heads.reduce((total, head) => {
    const values = head.dataSync() as Float32Array;
    return total + values.reduce((a, b) => a + b, 0) / values.length;
  }, 0);
  return sum / heads.length;
}

function addGradients(a: Tensor | undefined, b: Tensor | undefined): Tensor | undefined {
  if (a === undefined || b === undefined) return (a ?? b)?.clone();
  return tf.add(a, b);
}

/** Applies the update unless loss or gradient is not finite. @returns norm of the gradient, NaN without an update */
function update(
  optimizer: AdamW,
  gradients: readonly (Tensor | undefined)[],
  loss: number,
  { clipNorm, learningRate }: StepOptions,
): number {
  const norm = globalNorm(gradients.filter((g): g is Tensor => g !== undefined));
  if (!Number.isFinite(loss) || !Number.isFinite(norm)) return Number.NaN;
  const gradientScale = clipNorm > 0 ? Math.min(1, clipNorm / norm) : 1;
  optimizer.apply(gradients, { learningRate, gradientScale });
  return norm;
}
