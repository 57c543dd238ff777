import { downsample, type Tensor3D, type Tensor4D, tf } from "../../engine/index.ts";
import type { ParameterSpec, Parameters } from "../parameters.ts";
import { convolutionSpecs, convolve, type LayerOptions } from "./convolution.ts";

/** Widths of key and value: an eighth and a half of the channels (Zhang et al. 2019). */
const widths = (channels: number) => ({ key: Math.max(1, channels >> 3), value: Math.max(1, channels >> 1) });

export function attentionSpecs(name: string, channels: number): ParameterSpec[] {
  const { key, value } = widths(channels);
  const part = (layer: string, input: number, output: number) =>
    convolutionSpecs(`${name}/${layer}`, [1, input, output], "spectral", { hasBias: false });
  return [
    ...part("query", channels, key),
    ...part("key", channels, key),
    ...part("value", channels, value),
    ...part("out", value, channels),
    // The layer starts as the identity.
    { name: `${name}/strength`, shape: [1], initial: { value: 0 } },
  ];
}

/**
 * Self-attention over all positions of a feature map (SAGAN, Zhang et al. 2019). Keys and values are averaged to half the
 * resolution; the paper takes the maximum.
 *
 * @param x float32 [N, H, W, C]
 */
export function attend(
  p: Parameters,
  name: string,
  x: Tensor4D,
  { isUpdating }: Pick<LayerOptions, "isUpdating">,
): Tensor4D {
  const [n, h, w, channels] = x.shape;
  const { key, value } = widths(channels);
  const options = { scaling: "spectral", isUpdating } as const;
  const flat = (map: Tensor4D, width: number) => tf.reshape(map, [n, -1, width]) as Tensor3D;
  const queries = flat(convolve(p, `${name}/query`, x, options), key);
  const keys = flat(downsample(convolve(p, `${name}/key`, x, options)), key);
  const values = flat(downsample(convolve(p, `${name}/value`, x, options)), value);
  // A separate transpose: matMul with a transposed argument is slow on some backends.
  const weights = tf.softmax(tf.matMul(queries, tf.transpose(keys, [0, 2, 1])));
  const seen = tf.reshape(tf.matMul(weights, values), [n, h, w, value]) as Tensor4D;
  return tf.add(x, tf.mul(convolve(p, `${name}/out`, seen, options), p.get(`${name}/strength`)));
}
