import { type Tensor, type Tensor1D, tf, type Variable } from "../../engine/index.ts";

/** Keeps the division finite (Karras et al. 2018: 1e-8). */
const EPSILON = 1e-8;

/**
 * Adam (Kingma & Ba 2015) that counts each tensor's updates by itself: a level that has not grown yet has none, and its
 * first step must be corrected as a first one.
 *
 * Tensors with the same count are updated as one long vector: a step over a hundred small ones is mostly the cost of
 * calling operations.
 */
export class Adam {
  readonly #variables: readonly Variable[];
  /** Moments of all variables, one after the other. */
  readonly #moments: { readonly first: Variable; readonly second: Variable };
  readonly #betas: { readonly beta1: number; readonly beta2: number };
  #counts: number[];

  constructor(variables: readonly Variable[], betas: { beta1: number; beta2: number }) {
    const length = variables.reduce((sum, { size }) => sum + size, 0);
    const zeros = () => tf.tidy(() => tf.variable(tf.zeros([length]), false));
    this.#variables = variables;
    this.#moments = { first: zeros(), second: zeros() };
    this.#betas = betas;
    this.#counts = variables.map(() => 0);
  }

  /** @param gradients one for each variable, undefined for those that had no part; not disposed */
  apply(
    gradients: readonly (Tensor | undefined)[],
    { learningRate, gradientScale = 1 }: { learningRate: number; gradientScale?: number },
  ): void {
    const { beta1, beta2 } = this.#betas;
    const { first, second } = this.#moments;
    this.#counts = this.#counts.map((count, i) => (gradients[i] === undefined ? count : count + 1));
    tf.tidy(() => {
      const zeros = (i: number) => tf.zeros([this.#variables[i]!.size]);
      const g = tf.mul(joined(gradients.map((gradient, i) => gradient ?? zeros(i))), gradientScale);
      // 1 keeps the moments of what had no part.
      const kept = (beta: number) => this.#perValue((i) => (gradients[i] === undefined ? 1 : beta));
      // Without momentum the first moment is the gradient; nothing is kept.
      if (beta1 > 0) first.assign(tf.add(tf.mul(first, kept(beta1)), tf.mul(g, 1 - beta1)));
      second.assign(tf.add(tf.mul(second, kept(beta2)), tf.mul(tf.square(g), 1 - beta2)));
      // Both bias corrections folded into the step size and epsilon; what had no part moves by nothing.
      const correction = this.#counts.map((count) => Math.sqrt(1 - beta2 ** Math.max(1, count)));
      const rate = (i: number) =>
        gradients[i] === undefined ? 0 : (learningRate * correction[i]!) / (1 - beta1 ** this.#counts[i]!);
      const epsilon = this.#perValue((i) => EPSILON * correction[i]!);
      const direction = tf.div(beta1 > 0 ? first : g, tf.add(tf.sqrt(second), epsilon));
      this.#move(tf.mul(direction, this.#perValue(rate)) as Tensor1D);
    });
  }

  #move(step: Tensor1D): void {
    const steps = tf.split(
      step,
      this.#variables.map(({ size }) => size),
    );
    this.#variables.forEach((variable, i) => {
      variable.assign(tf.sub(variable, tf.reshape(steps[i]!, variable.shape)));
    });
  }

  /** One number for each variable: a number where all are the same, else repeated over each variable's values. */
  #perValue(of: (variable: number) => number): Tensor {
    const values = this.#variables.map((_, i) => of(i));
    if (values.every((value) => value === values[0])) return tf.scalar(values[0]!);
    return tf.concat(this.#variables.map(({ size }, i) => tf.fill([size], values[i]!)));
  }

  /** Updates made, for each variable. */
  get counts(): readonly number[] {
    return this.#counts;
  }

  /** Both moments, each one variable after the other. */
  toFloat32(): [Float32Array, Float32Array] {
    const { first, second } = this.#moments;
    return [first.dataSync() as Float32Array, second.dataSync() as Float32Array];
  }

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

/** All values as one vector. */
function joined(tensors: readonly Tensor[]): Tensor1D {
  return tf.concat1d(tensors.map((tensor) => tf.reshape(tensor, [-1])));
}
