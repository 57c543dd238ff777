import { asJpeg, scaledBy, scaledTo } from "../detection/perturbations.ts";
import type { Perturbation } from "../detection/score-perturbed.ts";
import { type Random, seededRandom } from "../engine/index.ts";
import { blurPicture } from "../media/index.ts";

/** Sigma of the blur in pixels: slightly out of focus. */
const BLUR_SIGMA_PX = 1.5;
/** Standard deviation of the noise, of 255: a phone in a dim room. */
const NOISE_DEVIATION = 8;

/** The perturbations of `--robustness`. @param seed seed of the noise */
export function robustnessPerturbations(seed: number): Perturbation[] {
  return [
    ...[90, 70, 50, 30].map((quality) => ({ name: `jpeg-${quality}`, frame: asJpeg(quality) })),
    { name: "half-size", frame: scaledBy(1 / 2) },
    { name: "quarter-size", frame: scaledBy(1 / 4) },
    {
      name: "blur",
      frame: async (frame) => ({ ...frame, ...(await blurPicture(frame, { sigmaPx: BLUR_SIGMA_PX })) }),
    },
    {
      name: "noise",
      frame: async (frame) => ({ ...frame, data: withNoise(frame.data, seededRandom(seed, frame.index)) }),
    },
    ...[28, 35, 40].map((crf) => ({ name: `h264-crf-${crf}`, crf })),
  ];
}

/**
 * Normalises size and format. Photographs and video frames get different sizes, because a face in a video fills less of the
 * frame.
 */
export function normalizingPerturbation(isVideo: boolean): Perturbation {
  const [scale, compress] = [scaledTo(isVideo ? 512 : 256), asJpeg(75)];
  return { name: "made-alike", frame: async (frame) => compress(await scale(frame)) };
}

/** Uses a table of normal numbers, because drawing one per value would take longer than scoring. */
function withNoise(data: Uint8Array, random: Random): Uint8Array {
  const table = Float32Array.from({ length: 1 << 14 }, () => NOISE_DEVIATION * random.normal());
  const out = new Uint8ClampedArray(data.length);
  for (let i = 0; i < data.length; i++) out[i] = data[i]! + table[random.integer(table.length)]!;
  return new Uint8Array(out.buffer);
}
