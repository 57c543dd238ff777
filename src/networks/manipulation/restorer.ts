import { leakyRelu, type Tensor4D, tf, upsample } from "../../engine/index.ts";
import { convolutionSpecs, convolve, type LayerOptions } from "../layers/convolution.ts";
import type { ParameterSpec, Parameters } from "../parameters.ts";
import { channelsAt, type ManipulationNetwork, sidesDownTo } from "./manipulation-network.ts";

const plain: LayerOptions = { scaling: "plain" };
/** Side of the smallest feature map: an eighth of the image. */
const smallest = ({ resolution }: ManipulationNetwork) => resolution / 8;

export function restorerSpecs(network: ManipulationNetwork): ParameterSpec[] {
  const { resolution, width } = network;
  const sides = sidesDownTo(smallest(network), network);
  return [
    ...convolutionSpecs("in", [3, 3, width], "plain"),
    ...sides.flatMap((side) => {
      const [above, here] = [channelsAt(network, 2 * side), channelsAt(network, side)];
      return [
        ...convolutionSpecs(`down${side}`, [3, above, here], "plain"),
        ...convolutionSpecs(`up${2 * side}`, [3, here + above, above], "plain"),
      ];
    }),
    ...convolutionSpecs("middle", [3, ...twice(channelsAt(network, smallest(network)))], "plain"),
    // Zeros: the network starts as the identity.
    { name: "out/kernel", shape: [3, 3, channelsAt(network, resolution), 3], initial: { value: 0 } },
    { name: "out/bias", shape: [3], initial: { value: 0 } },
  ];
}

/**
 * Restores blurred faces with a U-Net (Ronneberger et al. 2015) that predicts the residual.
 *
 * @param images float32 [N, S, S, 3] in [-1, 1], blurred, at full size
 * @returns float32 [N, S, S, 3]
 */
export function restoreFaces(p: Parameters, network: ManipulationNetwork, images: Tensor4D): Tensor4D {
  const sides = sidesDownTo(smallest(network), network);
  let x = leakyRelu(convolve(p, "in", images, plain));
  const above: Tensor4D[] = [];
  for (const side of sides) {
    above.push(x);
    x = leakyRelu(convolve(p, `down${side}`, x, { ...plain, strides: 2 }));
  }
  x = leakyRelu(convolve(p, "middle", x, plain));
  for (const side of sides.reverse()) {
    const joined = tf.concat([upsample(x), above.pop()!], 3) as Tensor4D;
    x = leakyRelu(convolve(p, `up${2 * side}`, joined, plain));
  }
  return tf.add(images, convolve(p, "out", x, plain));
}

const twice = (channels: number) => [channels, channels] as const;
