import { leakyRelu, type Tensor2D, type Tensor4D, tf } from "../../engine/index.ts";
import {
  convolutionSpecs,
  convolve,
  convolveUp,
  dense,
  denseSpecs,
  type LayerOptions,
} from "../layers/convolution.ts";
import { appendDeviation } from "../layers/minibatch-deviation.ts";
import { batchNorm, batchNormSpecs } from "../layers/normalisation.ts";
import type { Parameters } from "../parameters.ts";
import { channelsAt, type GanFamily, type GanNetwork, type Pass, sidesAboveFour } from "./gan-network.ts";

const plain: LayerOptions = { scaling: "plain" };

/**
 * DCGAN (Radford, Metz & Chintala 2016): strided 4 x 4 convolutions, batch norm in the generator, tanh output.
 *
 * Two changes: leaky ReLU in both networks, and minibatch standard deviation (Karras et al. 2018) instead of batch norm in
 * the discriminator, because R1 needs independent images.
 */
export const vanilla: GanFamily = {
  generatorSpecs(network) {
    const first = channelsAt(network, 4);
    return [
      ...denseSpecs("project", [network.latent, 16 * first], "plain", { hasBias: false }),
      ...batchNormSpecs("norm4", first),
      ...sidesAboveFour(network).flatMap((side) => {
        const shape = [4, channelsAt(network, side / 2), channelsAt(network, side)] as const;
        return [
          ...convolutionSpecs(`up${side}`, shape, "plain", { hasBias: false }),
          ...batchNormSpecs(`norm${side}`, shape[2]),
        ];
      }),
      ...convolutionSpecs("rgb", [3, channelsAt(network, network.resolution), 3], "plain"),
    ];
  },

  generate(p, network, latents, pass) {
    const start = tf.reshape(dense(p, "project", latents, plain), [-1, 4, 4, channelsAt(network, 4)]);
    let x = leakyRelu(batchNorm(p, "norm4", start as Tensor4D, pass));
    for (const side of sidesAboveFour(network)) {
      x = leakyRelu(batchNorm(p, `norm${side}`, convolveUp(p, `up${side}`, x, plain), pass));
    }
    return tf.tanh(convolve(p, "rgb", x, plain));
  },

  discriminatorSpecs(network) {
    return [
      ...convolutionSpecs("rgb", [3, 3, channelsAt(network, network.resolution)], "plain"),
      ...sidesAboveFour(network)
        .reverse()
        .flatMap((side) => {
          const shape = [4, channelsAt(network, side), channelsAt(network, side / 2)] as const;
          return convolutionSpecs(`down${side}`, shape, "plain");
        }),
      ...denseSpecs("head", [16 * (channelsAt(network, 4) + 1), 1], "plain"),
    ];
  },

  discriminate(p, network, images, pass) {
    let x = leakyRelu(convolve(p, "rgb", images, plain));
    for (const side of sidesAboveFour(network).reverse()) {
      x = leakyRelu(convolve(p, `down${side}`, x, { ...plain, strides: 2 }));
    }
    return outputHead(p, network, x, pass);
  },
};

function outputHead(p: Parameters, network: GanNetwork, x: Tensor4D, pass: Pass) {
  const whole = appendDeviation(x, pass.hasBatchStatistics !== false);
  const features = tf.reshape(whole, [-1, 16 * (channelsAt(network, 4) + 1)]) as Tensor2D;
  return { heads: [dense(p, "head", features, plain)], features };
}
