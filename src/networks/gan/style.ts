import {
  blur,
  downsample,
  leakyRelu,
  type Random,
  seededRandom,
  type Tensor2D,
  type Tensor4D,
  tf,
  upsample,
} from "../../engine/index.ts";
import { addBias, convolutionSpecs, convolve, dense, denseSpecs } from "../layers/convolution.ts";
import { modulatedConvolution, modulatedMix, modulatedSpecs } from "../layers/modulation.ts";
import { pixelNorm } from "../layers/normalisation.ts";
import type { ParameterSpec, Parameters } from "../parameters.ts";
import { channelsAt, type GanFamily, type Pass, sidesAboveFour } from "./gan-network.ts";
import { outputHead } from "./progressive.ts";

/** Layers of the mapping network. The paper has eight, which need more data; Karras et al. 2020b take two for small sets. */
export const MAPPING_LAYERS = 4;
/** Learning rate multiplier of the mapping network (Karras et al. 2019). */
const MAPPING_RATE = 0.01;
/** Decay of the average style (Karras et al. 2019). */
const STYLE_MOMENTUM = 0.995;

const equalised = { scaling: "equalised" } as const;
const linear = { scaling: "equalised", gain: 1 } as const;
const halved = { scaling: "equalised", gain: Math.SQRT1_2 } as const;
/** Weight scaling of the mapping network. */
export const MAPPING = { scaling: "equalised", rate: MAPPING_RATE } as const;

/**
 * StyleGAN2 (Karras et al. 2019, 2020): mapping network, modulated convolutions, per-pixel noise, skip connections to RGB;
 * residual discriminator, downsampled by averaging instead of a blur.
 */
export const style: GanFamily = {
  generatorSpecs(network) {
    const { latent } = network;
    const first = channelsAt(network, 4);
    return [
      ...Array.from({ length: MAPPING_LAYERS }, (_, i) =>
        denseSpecs(`mapping${i}`, [latent, latent], "equalised", { rate: MAPPING_RATE }),
      ).flat(),
      { name: "average", shape: [latent], initial: { value: 0 }, isTrained: false },
      { name: "start", shape: [1, 4, 4, first], initial: { deviation: 1 } },
      ...styledSpecs("conv4", first, first, latent),
      ...pictureSpecs(4, first, latent),
      ...sidesAboveFour(network).flatMap((side) => {
        const channels = channelsAt(network, side);
        return [
          ...styledSpecs(`up${side}`, channelsAt(network, side / 2), channels, latent),
          ...styledSpecs(`conv${side}`, channels, channels, latent),
          ...pictureSpecs(side, channels, latent),
        ];
      }),
    ];
  },

  generate(p, network, latents, pass) {
    const w = styleOf(p, latents, pass);
    const count = latents.shape[0];
    let x = tf.tile(p.get("start") as unknown as Tensor4D, [count, 1, 1, 1]);
    x = styled(p, "conv4", x, w, { random: pass.random });
    let picture = toPicture(p, 4, x, w);
    for (const side of sidesAboveFour(network)) {
      x = styled(p, `up${side}`, x, w, { random: pass.random, isUp: true });
      x = styled(p, `conv${side}`, x, w, { random: pass.random });
      picture = tf.add(blur(upsample(picture)), toPicture(p, side, x, w));
    }
    return picture;
  },

  discriminatorSpecs(network) {
    const last = channelsAt(network, 4);
    return [
      ...convolutionSpecs("rgb", [1, 3, channelsAt(network, network.resolution)], "equalised"),
      ...sidesAboveFour(network)
        .reverse()
        .flatMap((side) => {
          const [channels, next] = [channelsAt(network, side), channelsAt(network, side / 2)];
          return [
            ...convolutionSpecs(`first${side}`, [3, channels, channels], "equalised"),
            ...convolutionSpecs(`second${side}`, [3, channels, next], "equalised"),
            ...convolutionSpecs(`skip${side}`, [1, channels, next], "equalised", { hasBias: false }),
          ];
        }),
      ...convolutionSpecs("conv4", [3, last + 1, last], "equalised"),
      ...denseSpecs("dense", [16 * last, last], "equalised"),
      ...denseSpecs("head", [last, 1], "equalised"),
    ];
  },

  discriminate(p, network, images, pass) {
    let x = leakyRelu(convolve(p, "rgb", images, equalised));
    for (const side of sidesAboveFour(network).reverse()) {
      const y = downsample(leakyRelu(convolve(p, `first${side}`, x, equalised)));
      // Both gains are sqrt(1/2), so the sum keeps the variance.
      const main = leakyRelu(convolve(p, `second${side}`, y, linear));
      x = tf.add(main, convolve(p, `skip${side}`, downsample(x), halved));
    }
    return outputHead(p, network, x, pass);
  },
};

/** Maps a latent to a style; `pass.truncation` pulls it towards the average style (Karras et al. 2019, section B). */
function styleOf(p: Parameters, latents: Tensor2D, pass: Pass): Tensor2D {
  let w = pixelNorm(latents);
  for (let i = 0; i < MAPPING_LAYERS; i++) w = leakyRelu(dense(p, `mapping${i}`, w, MAPPING));
  const average = p.get("average");
  if (pass.isUpdating === true) {
    const now = tf.mean(w, 0);
    average.assign(tf.add(tf.mul(average, STYLE_MOMENTUM), tf.mul(now, 1 - STYLE_MOMENTUM)));
  }
  if (pass.truncation === undefined || pass.truncation === 1) return w;
  return tf.add(average, tf.mul(tf.sub(w, average), pass.truncation));
}

function styledSpecs(name: string, input: number, output: number, latent: number): ParameterSpec[] {
  return [
    ...modulatedSpecs(name, [3, input, output], latent),
    { name: `${name}/noise`, shape: [1], initial: { value: 0 } },
    { name: `${name}/bias`, shape: [output], initial: { value: 0 } },
  ];
}

/** The gain of sqrt(2) is applied to the parts before the leaky ReLU, which is cheaper and gives the same result. */
function styled(
  p: Parameters,
  name: string,
  x: Tensor4D,
  w: Tensor2D,
  { random, isUp = false }: { random?: Random | undefined; isUp?: boolean },
): Tensor4D {
  // Stride 2 spreads the weights of a kernel over four pixels; the gain of 2 restores the variance.
  let y = modulatedConvolution(p, name, x, w, { isUp, gain: isUp ? 2 * Math.SQRT2 : Math.SQRT2 });
  if (isUp) y = blur(y);
  y = tf.add(y, tf.mul(p.get(`${name}/bias`), Math.SQRT2));
  if (random !== undefined) {
    const [n, h, width] = y.shape;
    const noise = tf.tensor4d(noiseOf(n * h * width, random), [n, h, width, 1]);
    y = tf.add(y, tf.mul(noise, tf.mul(p.get(`${name}/noise`), Math.SQRT2)));
  }
  return leakyRelu(y);
}

/** Normal numbers are drawn once; noise is a window at a random offset, which is much faster than new numbers. */
const NOISE_LENGTH = 1 << 20;
let bank: Float32Array | null = null;

function noiseOf(length: number, random: Random): Float32Array {
  bank ??= Float32Array.from({ length: NOISE_LENGTH }, seededRandom(NOISE_LENGTH).normal);
  const out = new Float32Array(length);
  for (let done = 0; done < length; ) {
    const begin = random.integer(NOISE_LENGTH);
    const part = bank.subarray(begin, Math.min(NOISE_LENGTH, begin + length - done));
    out.set(part, done);
    done += part.length;
  }
  return out;
}

function pictureSpecs(side: number, channels: number, latent: number): ParameterSpec[] {
  return [
    ...modulatedSpecs(`rgb${side}`, [1, channels, 3], latent),
    { name: `rgb${side}/bias`, shape: [3], initial: { value: 0 } },
  ];
}

function toPicture(p: Parameters, side: number, x: Tensor4D, w: Tensor2D): Tensor4D {
  return addBias(p, `rgb${side}`, modulatedMix(p, `rgb${side}`, x, w));
}
