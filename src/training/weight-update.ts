import { type Tensor, tf, type Variable } from "../engine/index.ts";

/** L2 norm of all gradients as one vector (Pascanu et al. 2013). */
export function globalNorm(gradients: readonly Tensor[]): number {
  return tf.tidy(() => Math.sqrt(tf.addN(gradients.map((g) => tf.sum(tf.square(g)))).dataSync()[0]!));
}

/** Exponential moving average: average <- decay * average + (1 - decay) * current. */
export function averageInto(average: readonly Variable[], current: readonly Variable[], decay: number): void {
  average.forEach((variable, i) => {
    tf.tidy(() => variable.assign(tf.add(tf.mul(variable, decay), tf.mul(current[i]!, 1 - decay))));
  });
}
