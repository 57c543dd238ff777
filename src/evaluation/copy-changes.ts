import { asJpeg, scaledBy, scaledTo } from "../detection/perturbations.ts";
import type { Perturbation } from "../detection/score-perturbed.ts";
import { type Random, seededRandom } from "../engine/index.ts";
import { blurPicture } from "../media/index.ts";

/** Of a Gaussian, in pixels: a picture slightly out of focus. */
const BLUR_SIGMA_PX = 1.5;
/** Standard deviation of normal noise, of 255: a phone in a dim room. */
const NOISE_DEVIATION = 8;

/** What `--robustness` does to each file. @param seed of the noise */
export function robustnessChanges(seed: number): Perturbation[] {
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
 * The one change that makes files alike in size and format: photographs and video frames are brought to different
 * sizes, since a face of a video fills less of its frame.
 */
export function alikeChange(isVideo: boolean): Perturbation {
  const [scale, compress] = [scaledTo(isVideo ? 512 : 256), asJpeg(75)];
  return { name: "made-alike", frame: async (frame) => compress(await scale(frame)) };
}

/** Drawn from a table: a normal number for each value of a video frame would take longer than scoring it. */
function withNoise(data: Uint8Array, random: Random): Uint8Array {
  const table = Float32Array.from({ length: 1 << 14 }, () => NOISE_DEVIATION * random.normal());
  const out = new Uint8ClampedArray(data.length);
  for (let i = 0; i < data.length; i++) out[i] = data[i]! + table[random.integer(table.length)]!;
  return new Uint8Array(out.buffer);
}
