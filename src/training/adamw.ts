import { type Tensor, type Tensor1D, tf, type Variable } from "../engine/index.ts";

/** Keeps the division finite (Kingma & Ba 2015). */
const EPSILON = 1e-8;

export interface AdamWOptions {
  /** Default 0.9. */
  readonly beta1?: number;
  /** Default 0.999. */
  readonly beta2?: number;
  /** Fraction of each weight that is removed per unit of learning rate; biases (rank 1) are not decayed. Default 0. */
  readonly weightDecay?: number;
}

/**
 * Adam (Kingma & Ba 2015) with decoupled weight decay (Loshchilov & Hutter 2019); without decay it is plain Adam.
 *
 * Each variable has its own update count, because a level of a growing network starts to train late and needs the bias
 * correction of a first step. All variables are updated as one long vector: with a hundred small tensors, most of the
 * time of a step is the overhead of calling operations.
 */
export class AdamW {
  readonly #variables: readonly Variable[];
  /** Moments of all variables, one after the other. */
  readonly #moments: { readonly first: Variable; readonly second: Variable };
  readonly #options: Required<AdamWOptions>;
  #counts: number[];

  /** @param variables trained variables; not disposed */
  constructor(
    variables: readonly Variable[],
    { beta1 = 0.9, beta2 = 0.999, weightDecay = 0 }: AdamWOptions = {},
  ) {
    const length = variables.reduce((sum, { size }) => sum + size, 0);
    const zeros = () => tf.tidy(() => tf.variable(tf.zeros([length]), false));
    this.#variables = variables;
    this.#moments = { first: zeros(), second: zeros() };
    this.#options = { beta1, beta2, weightDecay };
    this.#counts = variables.map(() => 0);
  }

  /**
   * One update.
   *
   * @param gradients one for each variable, undefined leaves the variable unchanged; not disposed
   * @param options.gradientScale factor for all gradients, for clipping; default 1
   */
  apply(
    gradients: readonly (Tensor | undefined)[],
    { learningRate, gradientScale = 1 }: { learningRate: number; gradientScale?: number },
  ): void {
    const { beta1, beta2, weightDecay } = this.#options;
    const { first, second } = this.#moments;
    const hasGradient = (i: number) => gradients[i] !== undefined;
    this.#counts = this.#counts.map((count, i) => (hasGradient(i) ? count + 1 : count));
    tf.tidy(() => {
      const zeros = (i: number) => tf.zeros([this.#variables[i]!.size]);
      const g = tf.mul(concatFlat(gradients.map((gradient, i) => gradient ?? zeros(i))), gradientScale);
      const decayOf = (beta: number) => this.#perValue((i) => (hasGradient(i) ? beta : 1));
      // With beta1 = 0 the first moment is the gradient and is not stored.
      if (beta1 > 0) first.assign(tf.add(tf.mul(first, decayOf(beta1)), tf.mul(g, 1 - beta1)));
      second.assign(tf.add(tf.mul(second, decayOf(beta2)), tf.mul(tf.square(g), 1 - beta2)));
      // Both bias corrections are folded into the step size and epsilon.
      const correction = this.#counts.map((count) => Math.sqrt(1 - beta2 ** Math.max(1, count)));
      const rateOf = (i: number) =>
        hasGradient(i) ? (learningRate * correction[i]!) / (1 - beta1 ** this.#counts[i]!) : 0;
      const epsilon = this.#perValue((i) => EPSILON * correction[i]!);
      const direction = tf.div(beta1 > 0 ? first : g, tf.add(tf.sqrt(second), epsilon));
      const steps = tf.split(
        tf.mul(direction, this.#perValue(rateOf)) as Tensor1D,
        this.#variables.map(({ size }) => size),
      );
      this.#variables.forEach((variable, i) => {
        const isDecayed = weightDecay > 0 && variable.rank > 1 && hasGradient(i);
        const kept = isDecayed ? tf.mul(variable, 1 - learningRate * weightDecay) : variable;
        variable.assign(tf.sub(kept, tf.reshape(steps[i]!, variable.shape)));
      });
    });
  }

  /** One number for each variable: a scalar if all are equal, else repeated over the values of each variable. */
  #perValue(of: (variable: number) => number): Tensor {
    const values = this.#variables.map((_, i) => of(i));
    if (values.every((value) => value === values[0])) return tf.scalar(values[0]!);
    return tf.concat(this.#variables.map(({ size }, i) => tf.fill([size], values[i]!)));
  }

  /** Number of updates of each variable. */
  get counts(): readonly number[] {
    return this.#counts;
  }

  /** First and second moments, float32, one variable after the other. */
  toFloat32(): [first: Float32Array, second: Float32Array] {
    const { first, second } = this.#moments;
    return [first.dataSync() as Float32Array, second.dataSync() as Float32Array];
  }

  /** Restores moments and update counts. */
  assign(first: Float32Array, second: Float32Array, counts: readonly number[]): void {
    tf.tidy(() => {
      this.#moments.first.assign(tf.tensor1d(first));
      this.#moments.second.assign(tf.tensor1d(second));
    });
    this.#counts = [...counts];
  }

  dispose(): void {
    this.#moments.first.dispose();
    this.#moments.second.dispose();
  }
}

function concatFlat(tensors: readonly Tensor[]): Tensor1D {
  return tf.concat1d(tensors.map((tensor) => tf.reshape(tensor, [-1])));
}
