import { leakyRelu, type Tensor2D, type Tensor4D, tf, upsample } from "../../engine/index.ts";
import { convolutionSpecs, convolve, dense, denseSpecs, type LayerOptions } from "../layers/convolution.ts";
import type { ParameterSpec, Parameters } from "../parameters.ts";
import {
  channelsAt,
  type ManipulationNetwork,
  type Person,
  people,
  sidesDownTo,
} from "./manipulation-network.ts";

const plain: LayerOptions = { scaling: "plain" };
const SMALLEST = 4;
/** Length of the encoder's code: enough for pose and expression, too short for the identity. */
const CODE = 128;

export function swapperSpecs(network: ManipulationNetwork): ParameterSpec[] {
  const { resolution, width } = network;
  const sides = sidesDownTo(SMALLEST, network);
  const first = channelsAt(network, SMALLEST);
  return [
    ...convolutionSpecs("in", [3, 3, width], "plain"),
    ...sides.flatMap((side) =>
      convolutionSpecs(`down${side}`, [3, channelsAt(network, 2 * side), channelsAt(network, side)], "plain"),
    ),
    ...denseSpecs("code", [SMALLEST ** 2 * first, CODE], "plain"),
    ...people.flatMap((person) => [
      ...denseSpecs(`${person}/start`, [CODE, SMALLEST ** 2 * first], "plain"),
      ...sides.flatMap((side) =>
        convolutionSpecs(
          `${person}/up${2 * side}`,
          [3, channelsAt(network, side), channelsAt(network, 2 * side)],
          "plain",
        ),
      ),
      ...convolutionSpecs(`${person}/out`, [3, channelsAt(network, resolution), 3], "plain"),
    ]),
  ];
}

/**
 * Face swap by a shared encoder and one decoder per person (DeepFaceLab, Perov et al. 2020). A face of one person through
 * the decoder of the other keeps its expression and gets the other's identity.
 *
 * @param images float32 [N, S, S, 3] in [-1, 1], faces of either person
 * @param person selects the decoder
 * @returns float32 [N, S, S, 3] in [-1, 1]
 */
export function swapFaces(
  p: Parameters,
  network: ManipulationNetwork,
  images: Tensor4D,
  person: Person,
): Tensor4D {
  const sides = sidesDownTo(SMALLEST, network);
  const count = images.shape[0];
  let x = leakyRelu(convolve(p, "in", images, plain));
  for (const side of sides) x = leakyRelu(convolve(p, `down${side}`, x, { ...plain, strides: 2 }));
  const code = dense(p, "code", tf.reshape(x, [count, -1]) as Tensor2D, plain);
  const start = leakyRelu(dense(p, `${person}/start`, code, plain));
  let y = tf.reshape(start, [count, SMALLEST, SMALLEST, channelsAt(network, SMALLEST)]) as Tensor4D;
  for (const side of sides.reverse()) {
    y = leakyRelu(convolve(p, `${person}/up${2 * side}`, upsample(y), plain));
  }
  return tf.tanh(convolve(p, `${person}/out`, y, plain));
}
