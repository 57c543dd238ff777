import { layers, type SymbolicTensor, type Tensor, tf } from "../../engine/index.ts";
import { type LayerOptions, scaledKernel } from "../layers/convolution.ts";
import type { Parameters } from "../parameters.ts";
import { channelsAt, type GanNetwork, sidesAboveFour } from "./gan-network.ts";
import type { LayersBuilder } from "./layers-builder.ts";
import { MAPPING, MAPPING_LAYERS } from "./style.ts";

const linear: LayerOptions = { scaling: "equalised", gain: 1 };
/** Probe value for {@link unitLength}: small compared to the styles, large compared to rounding errors. */
const PROBE = 1e-3;

/** The generator of `style` without noise and without truncation. @param latents [N, latent] */
export function styleGeneratorAsLayers(
  b: LayersBuilder,
  p: Parameters,
  network: GanNetwork,
  latents: SymbolicTensor,
): SymbolicTensor {
  let w = b.pixelNorm(latents, network.latent);
  for (let i = 0; i < MAPPING_LAYERS; i++) w = b.leaky(mapped(b, p, `mapping${i}`, w));
  const start = tf.reshape(p.get("start"), [4, 4, channelsAt(network, 4)]);
  let x = styled(b, p, "conv4", b.constant(latents, start), w);
  let picture = toPicture(b, p, 4, x, w);
  for (const side of sidesAboveFour(network)) {
    x = styled(b, p, `up${side}`, x, w, true);
    x = styled(b, p, `conv${side}`, x, w);
    picture = b.add(b.blur(b.double(picture)), toPicture(b, p, side, x, w));
  }
  return picture;
}

/** The learning rate multiplier of the mapping network also applies to its bias. */
function mapped(b: LayersBuilder, p: Parameters, name: string, x: SymbolicTensor): SymbolicTensor {
  return b.mix(x, scaledKernel(p, name, MAPPING), tf.mul(p.get(`${name}/bias`), MAPPING.rate));
}

function styled(
  b: LayersBuilder,
  p: Parameters,
  name: string,
  x: SymbolicTensor,
  w: SymbolicTensor,
  isUp = false,
): SymbolicTensor {
  const kernel = scaledKernel(p, name, linear);
  const [, , input, output] = kernel.shape as [number, number, number, number];
  const scales = b.dense(`${name}/style`, w, linear);
  const scaled = b.multiply(x, b.reshape(scales, [1, 1, input]));
  const y = isUp ? b.convolveUp(name, scaled, { ...linear, isBare: true }) : b.filter(scaled, kernel);
  const gain = isUp ? 2 * Math.SQRT2 : Math.SQRT2;
  const even = b.multiply(y, b.reshape(unitLength(b, scales, kernel, gain), [1, 1, output]));
  const bias = tf.mul(p.get(`${name}/bias`), Math.SQRT2);
  const ones = tf.ones([1, 1, output, 1]);
  return b.leaky(b.filter(isUp ? b.blur(even) : even, ones, { bias, isDepthwise: true }));
}

/**
 * gain / sqrt(sum over inputs of scale^2 * energy) for each output. Layer normalisation is the only plain layer that takes
 * a square root. Its input here is the square roots of the summands, their negatives (so that the mean is 0) and a small
 * probe value; the probe comes out divided by the wanted norm.
 */
function unitLength(b: LayersBuilder, scales: SymbolicTensor, kernel: Tensor, gain: number): SymbolicTensor {
  const [, , input, output] = kernel.shape as [number, number, number, number];
  const roots = tf.transpose(tf.sqrt(tf.sum(tf.square(kernel), [0, 1])));
  const parts = b.multiply(b.reshape(scales, [1, input]), b.constant(scales, roots));
  const identity = tf.eye(input);
  const both = tf.concat([identity, tf.neg(identity), tf.zeros([input, 2])], 1);
  const probes = tf.concat([tf.zeros([2 * input]), tf.tensor1d([PROBE, -PROBE])]);
  const rows = (y: SymbolicTensor) => b.reshape(y, [output, 1, y.shape.at(-1)!]);
  const shown = b.filter(rows(parts), tf.reshape(both, [1, 1, input, -1]), { bias: probes });
  const norm = layers.layers.layerNormalization({ axis: -1, epsilon: 1e-14, center: false, scale: false });
  const factor = gain / (PROBE * Math.sqrt(input + 1));
  const pick = tf.concat([tf.zeros([2 * input]), tf.tensor1d([factor, 0])]);
  return b.filter(norm.apply(shown) as SymbolicTensor, tf.reshape(pick, [1, 1, -1, 1]));
}

function toPicture(
  b: LayersBuilder,
  p: Parameters,
  side: number,
  x: SymbolicTensor,
  w: SymbolicTensor,
): SymbolicTensor {
  const name = `rgb${side}`;
  const scales = b.reshape(b.dense(`${name}/style`, w, linear), [1, 1, x.shape.at(-1)!]);
  return b.filter(b.multiply(x, scales), scaledKernel(p, name, linear), { bias: p.get(`${name}/bias`) });
}
