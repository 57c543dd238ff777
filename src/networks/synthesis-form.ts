import { type Tensor1D, type Tensor2D, tf } from "../engine/index.ts";
import type { ParameterSpec, Parameters } from "./parameters.ts";

/** Directions in the space of statistics that the form looks along. */
export const DIRECTIONS = 128;
const LEAST_NORM = 1e-6;

/**
 * A quadratic form over standardised statistics, which are brought to length 1, that tells synthesised faces (whole pictures
 * of generators) from all others: `sum_k weights_k (directions_k . x)^2 + line . x + bias`, above 0 where it has nothing
 * against a face. No gradient moves it: it is fitted in one piece (`fit-synthesis.ts`).
 *
 * @param count statistics of a face
 */
export function synthesisSpecs(count: number): readonly ParameterSpec[] {
  const spec = (name: string, shape: readonly number[]): ParameterSpec => ({
    ...{ name: `${PREFIX}${name}`, shape },
    ...{ initial: { value: 0 }, isTrained: false },
  });
  return [
    spec("directions", [count, DIRECTIONS]),
    spec("weights", [DIRECTIONS, 1]),
    spec("line", [count, 1]),
    spec("bias", [1]),
  ];
}

const PREFIX = "synthesis/";

/** Whether a tensor belongs to the form. */
export const isOfSynthesisForm = (name: string): boolean => name.startsWith(PREFIX);

export const hasSynthesisForm = (parameters: Parameters): boolean => parameters.has(`${PREFIX}bias`);

/** Each row brought to length 1: a face unlike all that were trained on must not weigh more than others. */
export function toUnitLength(standardised: Tensor2D): Tensor2D {
  return tf.tidy(() => tf.div(standardised, lengthsOf(standardised))) as Tensor2D;
}

/**
 * @param standardised float32 [N, F]
 * @returns float32 [N]; below 0 for faces that look synthesised
 */
export function synthesisLogits(parameters: Parameters, standardised: Tensor2D): Tensor1D {
  return tf.tidy(() => {
    const x = toUnitLength(standardised);
    const { directions, weights, line, bias } = formOf(parameters);
    const squares = tf.square(tf.matMul(x, directions)) as Tensor2D;
    const sums = tf.add(tf.add(tf.matMul(squares, weights), tf.matMul(x, line)), bias);
    return tf.reshape(sums, [-1]) as Tensor1D;
  });
}

/** What the form says against faces, float32 [N]: 0, or less where they look synthesised. It never speaks for a face. */
export function synthesisPenalty(parameters: Parameters, standardised: Tensor2D): Tensor1D {
  return tf.tidy(() => tf.minimum(0, synthesisLogits(parameters, standardised))) as Tensor1D;
}

/** The values of a form. */
export interface SynthesisForm {
  /** [F, DIRECTIONS], row-major. */
  readonly directions: Float32Array;
  /** [DIRECTIONS]. */
  readonly weights: Float32Array;
  /** [F]. */
  readonly line: Float32Array;
  readonly bias: number;
}

export function setSynthesisForm(parameters: Parameters, form: SynthesisForm): void {
  tf.tidy(() => {
    const set = (name: string, values: Float32Array) => {
      const variable = parameters.get(`${PREFIX}${name}`);
      variable.assign(tf.tensor(values, variable.shape));
    };
    set("directions", form.directions);
    set("weights", form.weights);
    set("line", form.line);
    set("bias", Float32Array.of(form.bias));
  });
}

/** The form's answer times `scale`, plus `bias`. A scale of 0 silences it. */
export function rescaleSynthesisForm(
  parameters: Parameters,
  { scale, bias }: { readonly scale: number; readonly bias: number },
): void {
  tf.tidy(() => {
    for (const name of ["weights", "line", "bias"]) {
      const variable = parameters.get(`${PREFIX}${name}`);
      variable.assign(tf.mul(variable, scale));
    }
    const constant = parameters.get(`${PREFIX}bias`);
    constant.assign(tf.add(constant, bias));
  });
}

function formOf(parameters: Parameters) {
  const get = (name: string) => parameters.get(`${PREFIX}${name}`);
  return {
    directions: get("directions") as unknown as Tensor2D,
    weights: get("weights") as unknown as Tensor2D,
    line: get("line") as unknown as Tensor2D,
    bias: get("bias"),
  };
}

function lengthsOf(rows: Tensor2D): Tensor2D {
  return tf.maximum(tf.sqrt(tf.sum(tf.square(rows), 1, true)), LEAST_NORM) as Tensor2D;
}
