import { assignFlatValues, flatValues, type Tensor, tf, type Variable } from "../../engine/index.ts";

/** Decoupled weight decay (Loshchilov & Hutter 2019) on Adam (Kingma & Ba 2015); biases are not decayed. */
export class AdamW {
  static readonly beta1 = 0.9;
  static readonly beta2 = 0.999;
  static readonly epsilon = 1e-8;
  readonly #variables: readonly Variable[];
  readonly #first: Variable[];
  readonly #second: Variable[];
  readonly #weightDecay: number;
  /** Updates made so far. */
  step = 0;

  /** @param variables what is trained; not disposed */
  constructor(variables: readonly Variable[], options: { weightDecay: number }) {
    this.#variables = variables;
    const zeros = () => variables.map((v) => tf.tidy(() => tf.variable(tf.zeros(v.shape), false)));
    this.#first = zeros();
    this.#second = zeros();
    this.#weightDecay = options.weightDecay;
  }

  /**
   * @param gradients in the order of the variables, undefined where there is none; not disposed
   * @param options.gradientScale factor for all gradients, for clipping; 1 when left out
   */
  apply(
    gradients: readonly (Tensor | undefined)[],
    { learningRate, gradientScale = 1 }: { learningRate: number; gradientScale?: number },
  ): void {
    this.step++;
    const { beta1, beta2, epsilon } = AdamW;
    // Both bias corrections folded into the step size and epsilon.
    const correction = Math.sqrt(1 - beta2 ** this.step);
    const rate = (learningRate * correction) / (1 - beta1 ** this.step);
    this.#variables.forEach((variable, i) => {
      const gradient = gradients[i];
      if (gradient === undefined) return;
      tf.tidy(() => {
        const g = tf.mul(gradient, gradientScale);
        const m = this.#first[i]!;
        const v = this.#second[i]!;
        m.assign(tf.add(tf.mul(m, beta1), tf.mul(g, 1 - beta1)));
        v.assign(tf.add(tf.mul(v, beta2), tf.mul(tf.square(g), 1 - beta2)));
        const update = tf.mul(tf.div(m, tf.add(tf.sqrt(v), epsilon * correction)), rate);
        const decay = variable.rank > 1 ? 1 - learningRate * this.#weightDecay : 1;
        variable.assign(tf.sub(decay === 1 ? variable : tf.mul(variable, decay), update));
      });
    });
  }

  /** Both moments, one after the other. */
  toFloat32(): Float32Array[] {
    return [flatValues(this.#first), flatValues(this.#second)];
  }

  assign([first, second]: readonly [Float32Array, Float32Array], step: number): void {
    assignFlatValues(this.#first, first);
    assignFlatValues(this.#second, second);
    this.step = step;
  }

  dispose(): void {
    for (const v of [...this.#first, ...this.#second]) v.dispose();
  }
}
