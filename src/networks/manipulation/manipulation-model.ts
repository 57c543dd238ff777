import { type Random, type Tensor4D, tf } from "../../engine/index.ts";
import { TelltaleError } from "../../errors.ts";
import { elementCount, initialValues, type ParameterSpec, Parameters } from "../parameters.ts";
import type { ManipulationNetwork, Person } from "./manipulation-network.ts";
import { restoreFaces, restorerSpecs } from "./restorer.ts";
import { swapFaces, swapperSpecs } from "./swapper.ts";

/** A network that makes a forged face of an authentic one. */
export interface ManipulationModel {
  readonly network: ManipulationNetwork;
  readonly parameters: Parameters;
}

const specsOf = (network: ManipulationNetwork): ParameterSpec[] =>
  network.kind === "restoration" ? restorerSpecs(network) : swapperSpecs(network);

/** A forger to start training from. */
export function initManipulationModel(network: ManipulationNetwork, random: Random): ManipulationModel {
  return { network, parameters: new Parameters(specsOf(network), (spec) => initialValues(spec, random)) };
}

/** A forger with the given values, in the order of its specs. @throws TelltaleError `MODEL_INVALID` */
export function manipulationModelFromWeights(
  network: ManipulationNetwork,
  values: Float32Array,
): ManipulationModel {
  const specs = specsOf(network);
  const expected = specs.reduce((sum, spec) => sum + elementCount(spec), 0);
  if (values.length !== expected) {
    const sentence = `Expected ${expected} values for a ${network.kind} network but received ${values.length}.`;
    throw new TelltaleError("MODEL_INVALID", sentence);
  }
  let offset = 0;
  const parameters = new Parameters(specs, (spec) => {
    const begin = offset;
    offset += elementCount(spec);
    return values.slice(begin, offset);
  });
  return { network, parameters };
}

/**
 * @param images float32 [N, S, S, 3] in [-1, 1]
 * @param person of a swap: who the faces become; `b` when left out
 * @returns float32 [N, S, S, 3], about [-1, 1]
 */
export function manipulateFaces(
  { network, parameters }: ManipulationModel,
  images: Tensor4D,
  person: Person = "b",
): Tensor4D {
  return tf.tidy(() =>
    network.kind === "restoration"
      ? restoreFaces(parameters, network, images)
      : swapFaces(parameters, network, images, person),
  );
}
