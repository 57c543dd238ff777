import { assignFlatValues, flatValues, type Tensor, tf, type Variable } from "../engine/index.ts";

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
 * correction of a first step.
 */
export class AdamW {
  readonly #variables: readonly Variable[];
  readonly #first: readonly Variable[];
  readonly #second: readonly Variable[];
  readonly #options: Required<AdamWOptions>;
  #counts: number[];

  /** @param variables trained variables; not disposed */
  constructor(
    variables: readonly Variable[],
    { beta1 = 0.9, beta2 = 0.999, weightDecay = 0 }: AdamWOptions = {},
  ) {
    const zeros = () => variables.map((v) => tf.tidy(() => tf.variable(tf.zeros(v.shape), false)));
    this.#variables = variables;
    this.#first = zeros();
    this.#second = zeros();
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
    this.#variables.forEach((variable, i) => {
      const gradient = gradients[i];
      if (gradient === undefined) return;
      const count = ++this.#counts[i]!;
      // Both bias corrections are folded into the step size and epsilon.
      const correction = Math.sqrt(1 - beta2 ** count);
      const rate = (learningRate * correction) / (1 - beta1 ** count);
      const decay = variable.rank > 1 ? 1 - learningRate * weightDecay : 1;
      tf.tidy(() => {
        const g = tf.mul(gradient, gradientScale);
        const [m, v] = [this.#first[i]!, this.#second[i]!];
        // With beta1 = 0 the first moment is the gradient and is not stored.
        if (beta1 > 0) m.assign(tf.add(tf.mul(m, beta1), tf.mul(g, 1 - beta1)));
        v.assign(tf.add(tf.mul(v, beta2), tf.mul(tf.square(g), 1 - beta2)));
        const step = tf.mul(tf.div(beta1 > 0 ? m : g, tf.add(tf.sqrt(v), EPSILON * correction)), rate);
        variable.assign(tf.sub(decay === 1 ? variable : tf.mul(variable, decay), step));
      });
    });
  }

  /** Number of updates of each variable. */
  get counts(): readonly number[] {
    return this.#counts;
  }

  /** First and second moments, float32, one variable after the other. */
  toFloat32(): [first: Float32Array, second: Float32Array] {
    return [flatValues(this.#first), flatValues(this.#second)];
  }

  /** Restores moments and update counts. */
  assign(first: Float32Array, second: Float32Array, counts: readonly number[]): void {
    assignFlatValues(this.#first, first);
    assignFlatValues(this.#second, second);
    this.#counts = [...counts];
  }

  dispose(): void {
    tf.dispose([...this.#first, ...this.#second]);
  }
}
