import { layers, type SymbolicTensor, type Tensor, tf } from "../../engine/index.ts";
import { BLOCK_STRIDES, PIXEL_OFFSETS, PIXEL_SCALE } from "../mobilenet-v1.ts";
import type { Parameters } from "../parameters.ts";
import type { LayersBuilder } from "./layers-builder.ts";
import { BACKBONE_INPUT_PX, LEVELS, stepsOf } from "./projected.ts";

const plain = { scaling: "plain" } as const;
const spectral = { scaling: "spectral" } as const;

/** The logits of all heads, concatenated. @param images [N, S, S, 3] in [-1, 1] @returns [N, 64] */
export function projectedAsLayers(b: LayersBuilder, p: Parameters, images: SymbolicTensor): SymbolicTensor {
  let large = images;
  while ((large.shape[1] as number) < BACKBONE_INPUT_PX) large = b.blur(b.double(large));
  const maps = backboneMaps(b, p, large);
  const projections: SymbolicTensor[] = [];
  for (let i = LEVELS.length - 1; i >= 0; i--) {
    const below = projections[0];
    if (below === undefined) projections.unshift(b.convolve(`mix${i}`, maps[i]!, plain));
    else {
      const halved = { ...plain, factor: Math.SQRT1_2 };
      const own = b.convolve(`mix${i}`, maps[i]!, halved);
      const both = b.add(own, b.double(b.convolve(`lower${i}`, below, halved)));
      projections.unshift(b.convolve(`blend${i}`, both, plain));
    }
  }
  const heads = projections.map((map, i) => {
    let x = map;
    for (let k = 0; k < stepsOf(i); k++) {
      x = b.leaky(b.convolve(`head${i}/down${k}`, x, { ...spectral, strides: 2 }));
    }
    return layers.layers.flatten().apply(b.convolve(`head${i}/out`, x, spectral)) as SymbolicTensor;
  });
  return layers.layers.concatenate().apply(heads) as SymbolicTensor;
}

function backboneMaps(b: LayersBuilder, p: Parameters, images: SymbolicTensor): SymbolicTensor[] {
  const layer = (name: string, x: SymbolicTensor, strides: number, isDepthwise: boolean) => {
    const bias = p.get(`${name}/bias`) as Tensor;
    return b.activate(b.filter(x, p.get(`${name}/kernel`), { bias, strides, isDepthwise }), "relu6");
  };
  // Backbone input: ((x + 1) * 127.5 - mean) / scale. Not folded into the kernel, because the padding is zeros.
  const scale = tf.fill([1, 1, 3, 1], 127.5 / PIXEL_SCALE);
  const bias = tf.tensor1d(PIXEL_OFFSETS.map((mean) => (127.5 - mean) / PIXEL_SCALE));
  let x = layer("conv1", b.filter(images, scale, { bias, isDepthwise: true }), 2, false);
  const maps: SymbolicTensor[] = [];
  for (const [i, stride] of BLOCK_STRIDES.entries()) {
    x = layer(`block${i + 1}/depthwise`, x, stride, true);
    x = layer(`block${i + 1}/pointwise`, x, 1, false);
    if (LEVELS.some(({ block }) => block === i + 1)) maps.push(x);
  }
  return maps;
}
