import { downsample, relu, type Tensor2D, type Tensor4D, tf, upsample } from "../../engine/index.ts";
import { attend, attentionSpecs } from "../layers/attention.ts";
import { convolutionSpecs, convolve, dense, denseSpecs, type LayerOptions } from "../layers/convolution.ts";
import { batchNorm, batchNormSpecs, conditionalBatchNorm } from "../layers/normalisation.ts";
import type { ParameterSpec, Parameters } from "../parameters.ts";
import { channelsAt, type GanFamily, type GanNetwork, type Pass, sidesAboveFour } from "./gan-network.ts";

/** Length of the class embedding (Brock et al. 2019: 128). */
const EMBEDDING = 32;

/**
 * BigGAN (Brock, Donahue & Simonyan 2019) with the attention of SAGAN (Zhang et al. 2019): residual blocks, spectral norm
 * in both networks, conditional batch norm that takes a piece of the latent in each block, projection of the class in the
 * discriminator (Miyato & Koyama 2018). Without classes the condition is the latent alone.
 */
export const big: GanFamily = {
  generatorSpecs(network) {
    const first = channelsAt(network, 4);
    const condition = pieceLength(network) + (network.classes > 0 ? EMBEDDING : 0);
    return [
      ...embeddingSpecs(network, EMBEDDING),
      ...denseSpecs("start", [pieceLength(network), 16 * first], "spectral"),
      ...sidesAboveFour(network).flatMap((side) => {
        const [input, output] = [channelsAt(network, side / 2), channelsAt(network, side)];
        return [
          ...conditionSpecs(`norm${side}a`, condition, input),
          ...convolutionSpecs(`first${side}`, [3, input, output], "spectral"),
          ...conditionSpecs(`norm${side}b`, condition, output),
          ...convolutionSpecs(`second${side}`, [3, output, output], "spectral"),
          ...convolutionSpecs(`skip${side}`, [1, input, output], "spectral"),
          ...(side === attentionSide(network) ? attentionSpecs("attention", output) : []),
        ];
      }),
      ...batchNormSpecs("norm", channelsAt(network, network.resolution)),
      ...convolutionSpecs("rgb", [3, channelsAt(network, network.resolution), 3], "spectral"),
    ];
  },

  generate(p, network, latents, pass) {
    const options = spectral(pass);
    const length = pieceLength(network);
    const piece = (i: number) => tf.slice(latents, [0, i * length], [-1, length]);
    const embedded = network.classes > 0 ? [embed(p, network, latents.shape[0], pass)] : [];
    const start = dense(p, "start", piece(0), options);
    let x = tf.reshape(start, [-1, 4, 4, channelsAt(network, 4)]) as Tensor4D;
    sidesAboveFour(network).forEach((side, i) => {
      const condition = tf.concat([piece(i + 1), ...embedded], 1) as Tensor2D;
      const norm = (name: string, map: Tensor4D) =>
        conditionalBatchNorm(p, name, map, conditionOf(p, name, condition, options), pass);
      let y = upsample(relu(norm(`norm${side}a`, x)));
      y = convolve(p, `first${side}`, y, options);
      y = convolve(p, `second${side}`, relu(norm(`norm${side}b`, y)), options);
      // The 1 x 1 convolution comes before the upsampling: same result, a quarter of the work.
      x = tf.add(y, upsample(convolve(p, `skip${side}`, x, options)));
      if (side === attentionSide(network)) x = attend(p, "attention", x, options);
    });
    return tf.tanh(convolve(p, "rgb", relu(batchNorm(p, "norm", x, pass)), options));
  },

  discriminatorSpecs(network) {
    const last = channelsAt(network, 4);
    return [
      ...convolutionSpecs("rgb", [3, 3, channelsAt(network, network.resolution)], "spectral"),
      ...sidesAboveFour(network)
        .reverse()
        .flatMap((side) => {
          const [input, output] = [channelsAt(network, side), channelsAt(network, side / 2)];
          return [
            ...(side === attentionSide(network) ? attentionSpecs("attention", input) : []),
            ...convolutionSpecs(`first${side}`, [3, input, output], "spectral"),
            ...convolutionSpecs(`second${side}`, [3, output, output], "spectral"),
            ...convolutionSpecs(`skip${side}`, [1, input, output], "spectral"),
          ];
        }),
      ...denseSpecs("head", [last, 1], "spectral"),
      ...embeddingSpecs(network, last),
    ];
  },

  discriminate(p, network, images, pass) {
    const options = spectral(pass);
    let x = convolve(p, "rgb", images, options);
    for (const side of sidesAboveFour(network).reverse()) {
      if (side === attentionSide(network)) x = attend(p, "attention", x, options);
      let y = convolve(p, `first${side}`, relu(x), options);
      y = downsample(convolve(p, `second${side}`, relu(y), options));
      x = tf.add(y, convolve(p, `skip${side}`, downsample(x), options));
    }
    const features = tf.sum(relu(x), [1, 2]) as Tensor2D;
    const plain = dense(p, "head", features, options);
    if (network.classes === 0) return { heads: [plain], features };
    const ofClass = tf.mul(features, embed(p, network, images.shape[0], pass));
    return { heads: [tf.add(plain, tf.sum(ofClass, 1, true))], features };
  },
};

const spectral = (pass: Pass): LayerOptions => ({ scaling: "spectral", isUpdating: pass.isUpdating });

/** Side of the map with attention: a quarter of the image, e.g. 32 of 128 px, the best in Zhang et al. 2019. */
export const attentionSide = (network: GanNetwork) => Math.max(8, network.resolution / 4);

/** Length of one piece of the latent; there is one piece for the first layer and one per block. */
export const pieceLength = (network: GanNetwork) =>
  Math.floor(network.latent / (sidesAboveFour(network).length + 1));

function embeddingSpecs(network: GanNetwork, length: number): ParameterSpec[] {
  if (network.classes === 0) return [];
  return [{ name: "classes", shape: [network.classes, length], initial: { deviation: 0.1 } }];
}

function embed(p: Parameters, network: GanNetwork, count: number, pass: Pass): Tensor2D {
  const labels = pass.labels ?? new Array<number>(count).fill(0);
  const rows = tf.oneHot(tf.tensor1d([...labels], "int32"), network.classes);
  return tf.matMul(tf.cast(rows, "float32") as Tensor2D, p.get("classes") as unknown as Tensor2D);
}

function conditionSpecs(name: string, condition: number, channels: number): ParameterSpec[] {
  return [
    ...batchNormSpecs(name, channels, true),
    ...denseSpecs(`${name}/gain`, [condition, channels], "spectral", { hasBias: false }),
    ...denseSpecs(`${name}/offset`, [condition, channels], "spectral", { hasBias: false }),
  ];
}

function conditionOf(p: Parameters, name: string, condition: Tensor2D, options: LayerOptions) {
  return {
    gain: dense(p, `${name}/gain`, condition, options),
    offset: dense(p, `${name}/offset`, condition, options),
  };
}
