import { type Random, type Tensor4D, tf } from "../../engine/index.ts";
import { initialValues, type ParameterSpec, Parameters } from "../parameters.ts";
import type { ManipulationNetwork, Person } from "./manipulation-network.ts";
import { restoreFaces, restorerSpecs } from "./restorer.ts";
import { swapFaces, swapperSpecs } from "./swapper.ts";

/** A network that turns a real face into a manipulated one. */
export interface ManipulationModel {
  readonly network: ManipulationNetwork;
  readonly parameters: Parameters;
}

const specsOf = (network: ManipulationNetwork): ParameterSpec[] =>
  network.kind === "restoration" ? restorerSpecs(network) : swapperSpecs(network);

/** A model with random initial weights. */
export function initManipulationModel(network: ManipulationNetwork, random: Random): ManipulationModel {
  return { network, parameters: new Parameters(specsOf(network), (spec) => initialValues(spec, random)) };
}

/** A model with the given weights, in the order of its specs. @throws TelltaleError `MODEL_INVALID` */
export function manipulationModelFromWeights(
  network: ManipulationNetwork,
  values: Float32Array,
): ManipulationModel {
  const parameters = Parameters.fromValues(specsOf(network), values, `a ${network.kind} network`);
  return { network, parameters };
}

/**
 * @param images float32 [N, S, S, 3] in [-1, 1]
 * @param person target person of a swap; default `b`
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
