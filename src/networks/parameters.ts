import { assignFlatValues, flatValues, type Random, tf, type Variable } from "../engine/index.ts";
import { TelltaleError } from "../errors.ts";

/** Name and shape of one trained tensor. */
export interface ParameterSpec {
  readonly name: string;
  readonly shape: readonly number[];
  /** What a new network begins with: normal values of this deviation, or one value; He et al. 2015 by shape when left out. */
  readonly initial?: { readonly deviation: number } | { readonly value: number };
  /** False for what no gradient moves: running statistics, power iterations, frozen layers. */
  readonly isTrained?: boolean;
}

/** The trained tensors of one network, by name, in a fixed order. Owns them: `dispose` frees them. */
export class Parameters {
  readonly specs: readonly ParameterSpec[];
  readonly #variables = new Map<string, Variable>();

  /** @param initial values of one spec, length = product of its shape; or a tensor that is shared */
  constructor(specs: readonly ParameterSpec[], initial: (spec: ParameterSpec) => Float32Array | Variable) {
    this.specs = specs;
    for (const spec of specs) {
      const values = initial(spec);
      if (values instanceof tf.Variable) {
        this.#variables.set(spec.name, values);
        continue;
      }
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

  /** @throws TelltaleError `MODEL_INVALID` when there is no tensor of that name */
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

  /** Those that gradients move, in the order of `specs`. */
  get trained(): Variable[] {
    return this.specs.filter((spec) => spec.isTrained !== false).map((spec) => this.get(spec.name));
  }

  /** Those whose names begin with the prefix, without it; the tensors are shared, not owned. */
  within(prefix: string): Parameters {
    const specs = this.specs
      .filter(({ name }) => name.startsWith(prefix))
      .map((spec) => ({ ...spec, name: spec.name.slice(prefix.length) }));
    return new Parameters(specs, ({ name }) => this.get(`${prefix}${name}`));
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

/** Values that a new network begins with, as the spec says. */
export function initialValues(spec: ParameterSpec, random: Random): Float32Array {
  const values = new Float32Array(elementCount(spec));
  if (spec.initial !== undefined && "value" in spec.initial) return values.fill(spec.initial.value);
  if (spec.initial === undefined && spec.name.endsWith("/bias")) return values;
  const fanIn = values.length / spec.shape.at(-1)!;
  const deviation = spec.initial?.deviation ?? Math.sqrt(2 / fanIn);
  return values.map(() => deviation * random.normal());
}

export function elementCount(spec: ParameterSpec): number {
  return spec.shape.reduce((product, side) => product * side, 1);
}
