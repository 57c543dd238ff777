import { type LayersModel, layers, type SymbolicTensor } from "../../engine/index.ts";
import { TelltaleError } from "../../errors.ts";
import type { Discriminator } from "../discriminator.ts";
import type { LayerOptions } from "../layers/convolution.ts";
import { bigDiscriminatorAsLayers, bigGeneratorAsLayers } from "./export-big.ts";
import { projectedAsLayers } from "./export-projected.ts";
import { styleGeneratorAsLayers } from "./export-style.ts";
import { channelsAt, type GanNetwork, sidesAboveFour } from "./gan-network.ts";
import type { Generator } from "./generator.ts";
import { LayersBuilder } from "./layers-builder.ts";

const plain: LayerOptions = { scaling: "plain" };
const equalised: LayerOptions = { scaling: "equalised" };
const linear: LayerOptions = { scaling: "equalised", gain: 1 };

/**
 * A generator as a plain tfjs LayersModel: latents [N, latent] to images [N, S, S, 3] in [-1, 1].
 *
 * `style` is exported without noise and truncation.
 *
 * @throws TelltaleError `USAGE` for `big` with classes, and for `progressive` before it is fully grown
 */
export function generatorAsLayers({ network, parameters }: Generator): LayersModel {
  refuseHalfGrown("generator", network);
  const b = new LayersBuilder(parameters);
  const input = layers.input({ shape: [network.latent] });
  const first = channelsAt(network, 4);
  const square = (x: SymbolicTensor) =>
    layers.layers.reshape({ targetShape: [4, 4, first] }).apply(x) as SymbolicTensor;
  if (network.architecture === "vanilla") {
    let x = b.leaky(b.batchNorm("norm4", square(b.dense("project", input, plain))));
    for (const side of sidesAboveFour(network)) {
      x = b.leaky(b.batchNorm(`norm${side}`, b.convolveUp(`up${side}`, x, plain)));
    }
    const tanh = layers.layers.activation({ activation: "tanh" });
    return modelOf(input, tanh.apply(b.convolve("rgb", x, plain)) as SymbolicTensor);
  }
  if (network.architecture === "progressive") {
    const start = b.dense("start", b.pixelNorm(input, network.latent), {
      ...equalised,
      gain: Math.SQRT2 / 4,
    });
    let x = b.pixelNorm(b.leaky(square(start)), first);
    x = b.pixelNorm(b.leaky(b.convolve("conv4", x, equalised)), first);
    for (const side of sidesAboveFour(network)) {
      const channels = channelsAt(network, side);
      x = b.pixelNorm(b.leaky(b.convolve(`first${side}`, b.double(x), equalised)), channels);
      x = b.pixelNorm(b.leaky(b.convolve(`second${side}`, x, equalised)), channels);
    }
    return modelOf(input, b.convolve(`rgb${network.resolution}`, x, linear));
  }
  if (network.architecture === "style") {
    return modelOf(input, styleGeneratorAsLayers(b, parameters, network, input));
  }
  refuseClasses("generator", network);
  return modelOf(input, bigGeneratorAsLayers(b, parameters, network, input));
}

/**
 * A discriminator as a plain tfjs LayersModel: images [N, S, S, 3] in [-1, 1] to logits [N, 1], without statistics over
 * the batch. `projected` gives the logits of all heads; their mean is the result.
 *
 * @throws TelltaleError `USAGE` for `big` with classes, for `progressive` before it is fully grown, and for
 *   `mobilenet-v1`
 */
export function discriminatorAsLayers({ architecture, network, parameters }: Discriminator): LayersModel {
  if (network === undefined) {
    const sentence = `Expected a GAN discriminator but received "${architecture}".`;
    throw new TelltaleError("USAGE", sentence);
  }
  refuseHalfGrown("discriminator", network);
  const b = new LayersBuilder(parameters);
  const input = layers.input({ shape: [network.resolution, network.resolution, 3] });
  const sides = sidesAboveFour(network).reverse();
  if (architecture === "vanilla") {
    let x = b.leaky(b.convolve("rgb", input, plain));
    for (const side of sides) x = b.leaky(b.convolve(`down${side}`, x, { ...plain, strides: 2 }));
    return modelOf(input, b.dense("head", flat(x), { ...plain, keepRows: rowsWithoutDeviation(network) }));
  }
  if (architecture === "progressive") {
    let x = b.leaky(b.convolve(`rgb${network.resolution}`, input, equalised));
    for (const side of sides) {
      x = b.leaky(b.convolve(`first${side}`, x, equalised));
      x = b.halve(b.leaky(b.convolve(`second${side}`, x, equalised)));
    }
    return modelOf(input, end(b, network, x));
  }
  if (architecture === "style") {
    let x = b.leaky(b.convolve("rgb", input, equalised));
    for (const side of sides) {
      const y = b.halve(b.leaky(b.convolve(`first${side}`, x, equalised)));
      const main = b.leaky(b.convolve(`second${side}`, y, linear));
      const skip = b.convolve(`skip${side}`, b.halve(x), { ...linear, gain: Math.SQRT1_2 });
      x = layers.layers.add().apply([main, skip]) as SymbolicTensor;
    }
    return modelOf(input, end(b, network, x));
  }
  if (architecture === "projected") return modelOf(input, projectedAsLayers(b, parameters, input));
  refuseClasses("discriminator", network);
  return modelOf(input, bigDiscriminatorAsLayers(b, parameters, network, input));
}

function refuseHalfGrown(kind: string, { grown, resolution }: GanNetwork): void {
  if (grown === undefined) return;
  const sentence = `Expected a ${kind} that has grown to ${resolution} px, but this one is at ${grown.side} px: continue its training first.`;
  throw new TelltaleError("USAGE", sentence);
}

function end(b: LayersBuilder, network: GanNetwork, map: SymbolicTensor): SymbolicTensor {
  const x = b.leaky(b.convolve("conv4", map, { ...equalised, keep: channelsAt(network, 4) }));
  return b.dense("head", b.leaky(b.dense("dense", flat(x), equalised)), linear);
}

/** Kernel rows without the minibatch standard deviation, the last channel of each of the 16 positions. */
function rowsWithoutDeviation(network: GanNetwork): number[] {
  const channels = channelsAt(network, 4) + 1;
  return Array.from({ length: 16 * channels }, (_, i) => i).filter((i) => i % channels !== channels - 1);
}

const flat = (x: SymbolicTensor) => layers.layers.flatten().apply(x) as SymbolicTensor;

const modelOf = (inputs: SymbolicTensor, outputs: SymbolicTensor) => layers.model({ inputs, outputs });

function refuseClasses(kind: string, { classes }: GanNetwork): void {
  if (classes === 0) return;
  throw new TelltaleError(
    "USAGE",
    `Expected a ${kind} without classes but received one with ${classes}: plain layers would need the class as a second input. Train \`big\` with --classes none.`,
  );
}
