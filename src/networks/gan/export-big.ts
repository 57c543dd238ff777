import { layers, type SymbolicTensor, tf } from "../../engine/index.ts";
import { scaledKernel } from "../layers/convolution.ts";
import type { Parameters } from "../parameters.ts";
import { attentionSide, pieceLength } from "./big.ts";
import { channelsAt, type GanNetwork, sidesAboveFour } from "./gan-network.ts";
import type { LayersBuilder } from "./layers-builder.ts";

const spectral = { scaling: "spectral" } as const;

/** The generator of `big` without classes. @param latents [N, latent] */
export function bigGeneratorAsLayers(
  b: LayersBuilder,
  p: Parameters,
  network: GanNetwork,
  latents: SymbolicTensor,
): SymbolicTensor {
  // A kernel whose other rows are zeros selects one piece of the latent.
  const fromPiece = (name: string, i: number, bias = tf.zeros([p.get(`${name}/kernel`).shape[1]!])) => {
    const kernel = scaledKernel(p, name, spectral);
    const above = i * pieceLength(network);
    const below = network.latent - above - kernel.shape[0]!;
    return b.mix(
      latents,
      tf.pad(kernel, [
        [above, below],
        [0, 0],
      ]),
      bias,
    );
  };
  let x = b.reshape(fromPiece("start", 0, p.get("start/bias")), [4, 4, channelsAt(network, 4)]);
  for (const [i, side] of sidesAboveFour(network).entries()) {
    const norm = (name: string, map: SymbolicTensor) => {
      const channels = map.shape.at(-1)!;
      const part = (kind: string, bias: number) =>
        b.reshape(fromPiece(`${name}/${kind}`, i + 1, tf.fill([channels], bias)), [1, 1, channels]);
      return b.add(b.multiply(b.standardise(name, map), part("gain", 1)), part("offset", 0));
    };
    let y = b.double(b.activate(norm(`norm${side}a`, x), "relu"));
    y = b.convolve(`first${side}`, y, spectral);
    y = b.convolve(`second${side}`, b.activate(norm(`norm${side}b`, y), "relu"), spectral);
    x = b.add(y, b.double(b.convolve(`skip${side}`, x, spectral)));
    if (side === attentionSide(network)) x = attention(b, p, x);
  }
  const last = b.activate(b.batchNorm("norm", x), "relu");
  return b.activate(b.convolve("rgb", last, spectral), "tanh");
}

/** The discriminator of `big` without classes. @param images [N, S, S, 3] */
export function bigDiscriminatorAsLayers(
  b: LayersBuilder,
  p: Parameters,
  network: GanNetwork,
  images: SymbolicTensor,
): SymbolicTensor {
  let x = b.convolve("rgb", images, spectral);
  for (const side of sidesAboveFour(network).reverse()) {
    if (side === attentionSide(network)) x = attention(b, p, x);
    const y = b.convolve(`first${side}`, b.activate(x, "relu"), spectral);
    const main = b.halve(b.convolve(`second${side}`, b.activate(y, "relu"), spectral));
    x = b.add(main, b.convolve(`skip${side}`, b.halve(x), spectral));
  }
  const mean = layers.layers.globalAveragePooling2d({}).apply(b.activate(x, "relu")) as SymbolicTensor;
  // The network sums over 16 positions; the layer averages.
  return b.mix(mean, tf.mul(scaledKernel(p, "head", spectral), 16), p.get("head/bias"));
}

function attention(b: LayersBuilder, p: Parameters, x: SymbolicTensor): SymbolicTensor {
  const [, height, width, channels] = x.shape as [unknown, number, number, number];
  const project = (name: string, map: SymbolicTensor) => b.convolve(`attention/${name}`, map, spectral);
  const flat = (map: SymbolicTensor) => {
    const [, h, w, c] = map.shape as [unknown, number, number, number];
    return b.reshape(map, [h * w, c]);
  };
  const queries = flat(project("query", x));
  const keys = flat(b.halve(project("key", x)));
  const values = flat(b.halve(project("value", x)));
  const seen = b.dot(b.activate(b.dot(queries, keys, [2, 2]), "softmax"), values, [2, 1]);
  const map = b.reshape(seen, [height, width, values.shape.at(-1)!]);
  const strength = p.get("attention/strength");
  const out = b.filter(map, tf.mul(scaledKernel(p, "attention/out", spectral), strength));
  return b.add(x, b.reshape(out, [height, width, channels]));
}
