import { assignFlatValues, flatValues, type Tensor, tf, type Variable } from "../../engine/index.ts";

/** Keeps the division finite (Karras et al. 2018: 1e-8). */
const EPSILON = 1e-8;

/**
 * Adam (Kingma & Ba 2015) that counts each tensor's updates by itself: a level that has not grown yet has none, and its
 * first step must be corrected as a first one.
 */
export class Adam {
  readonly #variables: readonly Variable[];
  readonly #first: Variable[];
  readonly #second: Variable[];
  readonly #betas: { readonly beta1: number; readonly beta2: number };
  #counts: number[];

  constructor(variables: readonly Variable[], betas: { beta1: number; beta2: number }) {
    const zeros = () => variables.map((v) => tf.tidy(() => tf.variable(tf.zeros(v.shape), false)));
    this.#variables = variables;
    this.#first = zeros();
    this.#second = zeros();
    this.#betas = betas;
    this.#counts = variables.map(() => 0);
  }

  /** @param gradients one for each variable, undefined for those that had no part; not disposed */
  apply(
    gradients: readonly (Tensor | undefined)[],
    { learningRate, gradientScale = 1 }: { learningRate: number; gradientScale?: number },
  ): void {
    const { beta1, beta2 } = this.#betas;
    this.#variables.forEach((variable, i) => {
      const gradient = gradients[i];
      if (gradient === undefined) return;
      const count = ++this.#counts[i]!;
      // Both bias corrections folded into the step size and epsilon.
      const correction = Math.sqrt(1 - beta2 ** count);
      const rate = (learningRate * correction) / (1 - beta1 ** count);
      tf.tidy(() => {
        const g = gradientScale === 1 ? gradient : tf.mul(gradient, gradientScale);
        const m = this.#first[i]!;
        const v = this.#second[i]!;
        // Without momentum the first moment is the gradient; nothing is kept.
        if (beta1 > 0) m.assign(tf.add(tf.mul(m, beta1), tf.mul(g, 1 - beta1)));
        v.assign(tf.add(tf.mul(v, beta2), tf.mul(tf.square(g), 1 - beta2)));
        const direction = tf.div(beta1 > 0 ? m : g, tf.add(tf.sqrt(v), EPSILON * correction));
        variable.assign(tf.sub(variable, tf.mul(direction, rate)));
      });
    });
  }

  /** Updates made, for each variable. */
  get counts(): readonly number[] {
    return this.#counts;
  }

  /** Both moments, each one variable after the other. */
  toFloat32(): [Float32Array, Float32Array] {
    return [flatValues(this.#first), flatValues(this.#second)];
  }

  assign(first: Float32Array, second: Float32Array, counts: readonly number[]): void {
    assignFlatValues(this.#first, first);
    assignFlatValues(this.#second, second);
    this.#counts = [...counts];
  }

  dispose(): void {
    for (const v of [...this.#first, ...this.#second]) v.dispose();
  }
}
