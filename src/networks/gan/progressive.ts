import { downsample, leakyRelu, type Tensor2D, type Tensor4D, tf, upsample } from "../../engine/index.ts";
import { convolutionSpecs, convolve, dense, denseSpecs, type LayerOptions } from "../layers/convolution.ts";
import { appendDeviation } from "../layers/minibatch-deviation.ts";
import { pixelNorm } from "../layers/normalisation.ts";
import type { Parameters } from "../parameters.ts";
import { channelsAt, type GanFamily, type GanNetwork, type Pass, sidesAboveFour } from "./gan-network.ts";

const equalised: LayerOptions = { scaling: "equalised" };
const linear: LayerOptions = { scaling: "equalised", gain: 1 };

/**
 * Progressive growing (Karras, Aila, Laine & Lehtinen 2018): training starts at 4 x 4, then each level is blended in.
 * Equalised learning rate, pixel norm in the generator, minibatch standard deviation in the discriminator.
 *
 * The tensors of all levels exist from the start; levels above the stage get no gradient. The output always has full
 * resolution; missing levels are replaced by repeated pixels.
 */
export const progressive: GanFamily = {
  generatorSpecs(network) {
    const first = channelsAt(network, 4);
    return [
      ...denseSpecs("start", [network.latent, 16 * first], "equalised"),
      ...convolutionSpecs("conv4", [3, first, first], "equalised"),
      ...convolutionSpecs("rgb4", [1, first, 3], "equalised"),
      ...sidesAboveFour(network).flatMap((side) => {
        const channels = channelsAt(network, side);
        return [
          ...convolutionSpecs(`first${side}`, [3, channelsAt(network, side / 2), channels], "equalised"),
          ...convolutionSpecs(`second${side}`, [3, channels, channels], "equalised"),
          ...convolutionSpecs(`rgb${side}`, [1, channels, 3], "equalised"),
        ];
      }),
    ];
  },

  generate(p, network, latents, pass) {
    const { side: top, fade } = stageOf(network, pass);
    // A quarter of the usual gain (Karras et al. 2018): one vector feeds 16 positions.
    const start = dense(p, "start", pixelNorm(latents), { ...equalised, gain: Math.SQRT2 / 4 });
    let x = pixelNorm(leakyRelu(tf.reshape(start, [-1, 4, 4, channelsAt(network, 4)]) as Tensor4D));
    x = pixelNorm(leakyRelu(convolve(p, "conv4", x, equalised)));
    let picture = convolve(p, "rgb4", x, linear);
    for (const side of sidesAboveFour(network).filter((s) => s <= top)) {
      const before = x;
      x = pixelNorm(leakyRelu(convolve(p, `first${side}`, upsample(x), equalised)));
      x = pixelNorm(leakyRelu(convolve(p, `second${side}`, x, equalised)));
      if (side !== top) continue;
      picture = convolve(p, `rgb${side}`, x, linear);
      if (fade === 1) continue;
      const coarse = upsample(convolve(p, `rgb${side / 2}`, before, linear));
      picture = tf.add(tf.mul(picture, fade), tf.mul(coarse, 1 - fade));
    }
    for (let side = top; side < network.resolution; side *= 2) picture = upsample(picture);
    return picture;
  },

  discriminatorSpecs(network) {
    const last = channelsAt(network, 4);
    return [
      ...sidesAboveFour(network)
        .reverse()
        .flatMap((side) => {
          const channels = channelsAt(network, side);
          return [
            ...convolutionSpecs(`rgb${side}`, [1, 3, channels], "equalised"),
            ...convolutionSpecs(`first${side}`, [3, channels, channels], "equalised"),
            ...convolutionSpecs(`second${side}`, [3, channels, channelsAt(network, side / 2)], "equalised"),
          ];
        }),
      ...convolutionSpecs("rgb4", [1, 3, last], "equalised"),
      ...convolutionSpecs("conv4", [3, last + 1, last], "equalised"),
      ...denseSpecs("dense", [16 * last, last], "equalised"),
      ...denseSpecs("head", [last, 1], "equalised"),
    ];
  },

  discriminate(p, network, images, pass) {
    const { side: top, fade } = stageOf(network, pass);
    let picture = images;
    for (let side = network.resolution; side > top; side /= 2) picture = downsample(picture);
    let x = leakyRelu(convolve(p, `rgb${top}`, picture, equalised));
    for (const side of sidesAboveFour(network)
      .filter((s) => s <= top)
      .reverse()) {
      x = leakyRelu(convolve(p, `first${side}`, x, equalised));
      x = downsample(leakyRelu(convolve(p, `second${side}`, x, equalised)));
      if (side !== top || fade === 1) continue;
      const coarse = leakyRelu(convolve(p, `rgb${side / 2}`, downsample(picture), equalised));
      x = tf.add(tf.mul(x, fade), tf.mul(coarse, 1 - fade));
    }
    return outputHead(p, network, x, pass);
  },
};

/** Last layers of two discriminators: minibatch standard deviation, one convolution, two dense layers. */
export function outputHead(p: Parameters, network: GanNetwork, map: Tensor4D, pass: Pass) {
  const x = appendDeviation(map, pass.hasBatchStatistics !== false);
  const flat = tf.reshape(leakyRelu(convolve(p, "conv4", x, equalised)), [-1, 16 * channelsAt(network, 4)]);
  const features = leakyRelu(dense(p, "dense", flat as Tensor2D, equalised));
  return { heads: [dense(p, "head", features, linear)], features };
}

function stageOf(network: GanNetwork, pass: Pass) {
  return pass.stage ?? network.grown ?? { side: network.resolution, fade: 1 };
}
