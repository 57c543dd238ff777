import { applyLowResolution, type LowResolution, upscale } from "../../augmentation/index.ts";
import { seededRandom, type Tensor4D, tf } from "../../engine/index.ts";
import { resizePicture } from "../../media/index.ts";
import { type ManipulationModel, manipulateFaces } from "../../networks/index.ts";
import { faceFeatureExtractor } from "../gan/feature-extractor.ts";
import type { GanData } from "../gan/gan-data.ts";
import { EMBED_BATCH, embed, measure } from "../gan/quality.ts";
import { layOut, type PictureGrid, toBytes } from "../picture-grid.ts";
import { sampleEvenly } from "../sample-evenly.ts";

/** Degradation of the measured faces. */
const MEASURED: LowResolution = { halvings: 2, blurs: 1, noise: 0 };
/** Maximum numbers of held-out faces. */
const COUNT = { measured: 512, shown: 8 };

type Kind = "restored" | "bicubic";

/**
 * Compares restored held-out faces with bicubic upsampling: peak signal-to-noise ratio in dB, mean absolute error in levels
 * of 255, and fd-face to the sharp faces.
 */
export async function measureRestoration(
  model: ManipulationModel,
  data: GanData,
): Promise<Record<string, number>> {
  const chosen = heldOut(data, COUNT.measured);
  const extractor = await faceFeatureExtractor();
  try {
    const sharp = await embed(
      extractor,
      batches(data, chosen, async (x) => x.clone()),
    );
    const result: Record<string, number> = { n: chosen.length };
    for (const kind of ["restored", "bicubic"] as const) {
      let [squares, absolutes, count] = [0, 0, 0];
      const outputs = batches(data, chosen, async (x) => {
        const y = await restoreOrResize(kind, model, x);
        const difference = tf.tidy(() => tf.mul(tf.sub(tf.clipByValue(y, -1, 1), x), 127.5)).arraySync();
        for (const value of (difference as number[][][][]).flat(3)) {
          squares += value * value;
          absolutes += Math.abs(value);
          count++;
        }
        return y;
      });
      const embedded = await embed(extractor, outputs);
      result[`psnr-${kind}`] = 10 * Math.log10(255 ** 2 / (squares / count));
      result[`l1-${kind}`] = absolutes / count;
      result[`fd-face-${kind}`] = measure(sharp, embedded, "face")["fd-face"] ?? Number.NaN;
    }
    return result;
  } finally {
    extractor.dispose();
  }
}

/** Sample sheet with the rows input, bicubic, restored, sharp. */
export async function showRestoration(model: ManipulationModel, data: GanData): Promise<PictureGrid> {
  const rows: Uint8Array[] = [];
  for await (const x of batches(data, heldOut(data, COUNT.shown), async (sharp) => sharp.clone())) {
    const input = tf.tidy(() => upscale(applyLowResolution(x, MEASURED, seededRandom(0)), data.store.sizePx));
    const [bicubic, restored] = [
      await restoreOrResize("bicubic", model, x),
      await restoreOrResize("restored", model, x),
    ];
    rows.push(...[input, bicubic, restored, x].map(toBytes));
    tf.dispose([input, bicubic, restored, x]);
  }
  return layOut(new Uint8Array(Buffer.concat(rows)), data.store.sizePx, COUNT.shown);
}

/** @param sharp float32 [N, S, S, 3] in [-1, 1] */
async function restoreOrResize(kind: Kind, model: ManipulationModel, sharp: Tensor4D): Promise<Tensor4D> {
  const side = sharp.shape[1];
  if (kind === "restored") {
    return tf.tidy(() =>
      manipulateFaces(model, upscale(applyLowResolution(sharp, MEASURED, seededRandom(0)), side)),
    );
  }
  const small = tf.tidy(() => applyLowResolution(sharp, MEASURED, seededRandom(0)));
  const bytes = toBytes(small);
  const smallSide = small.shape[1];
  small.dispose();
  const each = smallSide ** 2 * 3;
  const values = new Float32Array(sharp.size);
  for (let i = 0; i * each < bytes.length; i++) {
    const one = { width: smallSide, height: smallSide, data: bytes.subarray(i * each, (i + 1) * each) };
    const large = await resizePicture(one, { width: side, height: side });
    values.set(
      Float32Array.from(large.data, (value) => value / 127.5 - 1),
      i * side ** 2 * 3,
    );
  }
  return tf.tensor4d(values, sharp.shape);
}

function heldOut({ heldOut, train }: GanData, count: number): number[] {
  const from = heldOut.length > 0 ? heldOut : train;
  return sampleEvenly(from, count);
}

/** Applies a function to stored images in batches of 32. */
async function* batches(
  { store }: GanData,
  indices: readonly number[],
  each: (sharp: Tensor4D) => Promise<Tensor4D>,
): AsyncGenerator<Tensor4D> {
  for (let i = 0; i < indices.length; i += EMBED_BATCH) {
    const some = indices.slice(i, i + EMBED_BATCH);
    const pixels = Float32Array.from(await store.read(some), (value) => value / 127.5 - 1);
    const sharp = tf.tensor4d(pixels, [some.length, store.sizePx, store.sizePx, 3]);
    const outputs = await each(sharp);
    sharp.dispose();
    yield outputs;
  }
}
