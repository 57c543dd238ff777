import { workerData } from "node:worker_threads";
import { seededRandom, serveJobs } from "../../engine/index.ts";
import { ImageDataset } from "./image-dataset.ts";

/** The images of one step. */
export interface ImageJob {
  readonly seed: number;
  readonly step: number;
  /** Indices in the dataset. */
  readonly indices: readonly number[];
  readonly isMirrored: boolean;
}

/** Distinguishes this use of the seed. */
const MIRROR = 0x313;

// Worker thread: loads images as float32 [N, S, S, 3] in [-1, 1], half of them mirrored.
await serveJobs<ImageJob, Float32Array, null>(async () => {
  const { folder, sizePx } = workerData as { folder: string; sizePx: number };
  const store = (await ImageDataset.open(folder, sizePx))!;
  const row = sizePx * 3;
  return {
    ready: null,
    async work({ seed, step, indices, isMirrored }) {
      const bytes = await store.read(indices);
      const pixels = new Float32Array(bytes.length);
      const random = seededRandom(seed, step, MIRROR);
      for (let i = 0; i < indices.length; i++) {
        const isFlipped = isMirrored && random.chance(0.5);
        for (let y = 0; y < sizePx; y++) {
          const begin = (i * sizePx + y) * row;
          for (let x = 0; x < sizePx; x++) {
            const from = begin + 3 * (isFlipped ? sizePx - 1 - x : x);
            const to = begin + 3 * x;
            pixels[to] = bytes[from]! / 127.5 - 1;
            pixels[to + 1] = bytes[from + 1]! / 127.5 - 1;
            pixels[to + 2] = bytes[from + 2]! / 127.5 - 1;
          }
        }
      }
      return { result: pixels, transfer: [pixels.buffer as ArrayBuffer] };
    },
  };
});
