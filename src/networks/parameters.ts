import { assignFlatValues, flatValues, type Random, tf, type Variable } from "../engine/index.ts";
import { TelltaleError } from "../errors.ts";

/** Name and shape of one tensor. */
export interface ParameterSpec {
  readonly name: string;
  readonly shape: readonly number[];
  /** Initial values: normal with this deviation, or constant; by default He initialisation (He et al. 2015). */
  readonly initial?: { readonly deviation: number } | { readonly value: number };
  /** False for running statistics, power iterations and frozen layers. Default true. */
  readonly isTrained?: boolean;
}

/** The tensors of one network, by name, in a fixed order. Owns them: `dispose` frees them. */
export class Parameters {
  readonly specs: readonly ParameterSpec[];
  readonly #variables = new Map<string, Variable>();

  /** @param initial values of one spec; length = product of its shape */
  constructor(specs: readonly ParameterSpec[], initial: (spec: ParameterSpec) => Float32Array) {
    this.specs = specs;
    for (const spec of specs) {
      const values = initial(spec);
      if (values.length !== elementCount(spec)) {
        throw new TelltaleError(
          "MODEL_INVALID",
          `Expected ${elementCount(spec)} values for "${spec.name}" but received ${values.length}.`,
        );
      }
      const start = tf.tensor(values, [...spec.shape]);
      this.#variables.set(spec.name, tf.variable(start));
      start.dispose();
    }
  }

  /**
   * Tensors with given values.
   *
   * @param values float32, one tensor after the other in the order of `specs`
   * @param what names the network in the error sentence
   * @throws TelltaleError `MODEL_INVALID` if the number of values is wrong
   */
  static fromValues(specs: readonly ParameterSpec[], values: Float32Array, what: string): Parameters {
    const expected = specs.reduce((sum, spec) => sum + elementCount(spec), 0);
    if (values.length !== expected) {
      const sentence = `Expected ${expected} values for ${what} but received ${values.length}.`;
      throw new TelltaleError("MODEL_INVALID", sentence);
    }
    let offset = 0;
    return new Parameters(specs, (spec) => {
      offset += elementCount(spec);
      return values.subarray(offset - elementCount(spec), offset);
    });
  }

  /** @throws TelltaleError `MODEL_INVALID` if there is no tensor of that name */
  get(name: string): Variable {
    const variable = this.#variables.get(name);
    if (variable === undefined)
      throw new TelltaleError("MODEL_INVALID", `Expected a tensor named "${name}".`);
    return variable;
  }

  /** In the order of `specs`. */
  get variables(): Variable[] {
    return [...this.#variables.values()];
  }

  /** Trained variables, in the order of `specs`. */
  get trained(): Variable[] {
    return this.specs.filter((spec) => spec.isTrained !== false).map((spec) => this.get(spec.name));
  }

  has(name: string): boolean {
    return this.#variables.has(name);
  }

  /** Number of values. */
  get count(): number {
    return this.specs.reduce((sum, spec) => sum + elementCount(spec), 0);
  }

  /** All values, one tensor after the other in the order of `specs`. */
  toFloat32(): Float32Array {
    return flatValues(this.variables);
  }

  /** Overwrites all values; the reverse of `toFloat32`. */
  assign(values: Float32Array): void {
    assignFlatValues(this.variables, values);
  }

  dispose(): void {
    for (const variable of this.#variables.values()) variable.dispose();
    this.#variables.clear();
  }
}

/** Draws the initial values of one tensor. */
export function initialValues(spec: ParameterSpec, random: Random): Float32Array {
  const values = new Float32Array(elementCount(spec));
  if (spec.initial !== undefined && "value" in spec.initial) return values.fill(spec.initial.value);
  if (spec.initial === undefined && spec.name.endsWith("/bias")) return values;
  const fanIn = values.length / spec.shape.at(-1)!;
  const deviation = spec.initial?.deviation ?? Math.sqrt(2 / fanIn);
  return values.map(() => deviation * random.normal());
}

function elementCount(spec: ParameterSpec): number {
  return spec.shape.reduce((product, side) => product * side, 1);
}
