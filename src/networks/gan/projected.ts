import { blur, leakyRelu, type Tensor2D, type Tensor4D, tf, upsample } from "../../engine/index.ts";
import { convolutionSpecs, convolve } from "../layers/convolution.ts";
import { backboneMaps, backboneSpecs } from "../mobilenet-v1.ts";
import type { ParameterSpec, Parameters } from "../parameters.ts";
import type { DiscriminatorOutput, GanNetwork, Pass } from "./gan-network.ts";

/** Images are upsampled to this side; the backbone halves it five times. */
export const BACKBONE_INPUT_PX = 128;
/** Levels with a head: block of the backbone, its channels, channels after mixing. Strides 4, 8, 16, 32. */
export const LEVELS = [
  { block: 3, channels: 128, mixed: 64 },
  { block: 5, channels: 256, mixed: 128 },
  { block: 11, channels: 512, mixed: 256 },
  { block: 13, channels: 1024, mixed: 256 },
] as const;
const HEAD_CHANNELS = 256;

const fixed = (specs: ParameterSpec[]) => specs.map((spec) => ({ ...spec, isTrained: false }));

/**
 * Projected discriminator (Sauer, Chitta, Mueller & Geiger 2021): one small spectrally normalised head on each of four
 * levels of the frozen backbone. Fixed random convolutions mix the features across channels and levels, so that no head
 * can rely on a few channels.
 */
export function projectedSpecs(): ParameterSpec[] {
  return [
    ...fixed([...backboneSpecs]),
    ...LEVELS.flatMap(({ channels, mixed }, i) => [
      ...fixed(convolutionSpecs(`mix${i}`, [1, channels, mixed], "plain", { hasBias: false })),
      ...(i === LEVELS.length - 1
        ? []
        : [
            ...fixed(
              convolutionSpecs(`lower${i}`, [1, LEVELS[i + 1]!.mixed, mixed], "plain", { hasBias: false }),
            ),
            ...fixed(convolutionSpecs(`blend${i}`, [3, mixed, mixed], "plain", { hasBias: false })),
          ]),
    ]),
    ...LEVELS.flatMap(({ mixed }, i) => headSpecs(i, mixed)),
  ];
}

/** @param images float32 [N, S, S, 3] in [-1, 1] @returns logits [N, 16] of each level */
export function discriminateProjected(
  p: Parameters,
  _network: GanNetwork,
  images: Tensor4D,
  pass: Pass,
): DiscriminatorOutput {
  let large = images;
  while (large.shape[1] < BACKBONE_INPUT_PX) large = blur(upsample(large));
  const faces = tf.mul(tf.add(large, 1), 127.5) as Tensor4D;
  const maps = backboneMaps(
    p,
    faces,
    "training",
    LEVELS.map(({ block }) => block),
  );
  const projections: Tensor4D[] = [];
  for (let i = LEVELS.length - 1; i >= 0; i--) {
    const own = convolve(p, `mix${i}`, maps[i]!, { scaling: "plain" });
    const below = projections[0];
    if (below === undefined) projections.unshift(own);
    else {
      const lower = upsample(convolve(p, `lower${i}`, below, { scaling: "plain" }));
      // Keeps the variance of the sum at 1.
      const both = tf.mul(tf.add(own, lower), Math.SQRT1_2) as Tensor4D;
      projections.unshift(convolve(p, `blend${i}`, both, { scaling: "plain" }));
    }
  }
  const heads = projections.map((map, i) => head(p, i, map, pass));
  return { heads, features: tf.mean(maps.at(-1)!, [1, 2]) as Tensor2D };
}

/** Number of strided convolutions from the side of the level (32, 16, 8, 4 at 128 px) down to 4. */
export const stepsOf = (level: number) => LEVELS.length - 1 - level;

function headSpecs(level: number, mixed: number): ParameterSpec[] {
  const steps = Array.from({ length: stepsOf(level) }, (_, k) => {
    const input = Math.min(HEAD_CHANNELS, mixed * 2 ** k);
    const output = Math.min(HEAD_CHANNELS, mixed * 2 ** (k + 1));
    return convolutionSpecs(`head${level}/down${k}`, [4, input, output], "spectral");
  });
  return [...steps.flat(), ...convolutionSpecs(`head${level}/out`, [3, HEAD_CHANNELS, 1], "spectral")];
}

function head(p: Parameters, level: number, map: Tensor4D, pass: Pass): Tensor2D {
  const options = { scaling: "spectral", isUpdating: pass.isUpdating } as const;
  let x = map;
  for (let k = 0; k < stepsOf(level); k++) {
    x = leakyRelu(convolve(p, `head${level}/down${k}`, x, { ...options, strides: 2 }));
  }
  return tf.reshape(convolve(p, `head${level}/out`, x, options), [x.shape[0], -1]) as Tensor2D;
}
