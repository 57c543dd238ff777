import { type Tensor4D, tf } from "../../engine/index.ts";
import { type ManipulationModel, manipulateFaces, type Person } from "../../networks/index.ts";
import { faceFeatureExtractor } from "../gan/feature-extractor.ts";
import type { GanData } from "../gan/gan-data.ts";
import { EMBED_BATCH, embed } from "../gan/quality.ts";
import { layOut, type PictureGrid, toBytes } from "../picture-grid.ts";
import { sampleEvenly } from "../sample-evenly.ts";

/** Maximum numbers of faces per person. */
const COUNT = { measured: 256, shown: 8 };

/** The faces of both people. */
export interface SwapData {
  readonly a: GanData;
  readonly b: GanData;
}

/**
 * Metrics of a swap. `moved`: position of the mean face embedding on the line from one person (0) to the other (1).
 * `reconstruction`: mean absolute error of faces through their own decoder, in levels of 255.
 */
export async function measureSwap(model: ManipulationModel, data: SwapData): Promise<Record<string, number>> {
  const extractor = await faceFeatureExtractor();
  const describe = async (from: GanData, through: Person | null) => {
    const outputs = faces(from, COUNT.measured, (x) =>
      through === null ? x.clone() : manipulateFaces(model, x, through),
    );
    return meanOf((await embed(extractor, outputs)).features);
  };
  try {
    const [a, b] = [await describe(data.a, null), await describe(data.b, null)];
    const along = (from: Float64Array, to: Float64Array, at: Float64Array) => {
      const line = to.map((value, i) => value - from[i]!);
      const dot = (u: Float64Array, v: Float64Array) => u.reduce((sum, value, i) => sum + value * v[i]!, 0);
      return (
        dot(
          at.map((value, i) => value - from[i]!),
          line,
        ) / dot(line, line)
      );
    };
    return {
      n: Math.min(heldOut(data.a, COUNT.measured).length, heldOut(data.b, COUNT.measured).length),
      "moved-a-to-b": along(a, b, await describe(data.a, "b")),
      "moved-b-to-a": along(b, a, await describe(data.b, "a")),
      "moved-a-to-a": along(a, b, await describe(data.a, "a")),
      "moved-b-to-b": along(b, a, await describe(data.b, "b")),
      "reconstruction-a": await reconstruction(model, data.a, "a"),
      "reconstruction-b": await reconstruction(model, data.b, "b"),
    };
  } finally {
    extractor.dispose();
  }
}

/** Sample sheet with the rows faces of a, swapped to b, faces of b, swapped to a. */
export async function showSwap(model: ManipulationModel, data: SwapData): Promise<PictureGrid> {
  const rows: Uint8Array[] = [];
  for (const [from, other] of [
    [data.a, "b"],
    [data.b, "a"],
  ] as const) {
    for (const make of [(x: Tensor4D) => x.clone(), (x: Tensor4D) => manipulateFaces(model, x, other)]) {
      for await (const made of faces(from, COUNT.shown, make)) {
        rows.push(toBytes(made));
        made.dispose();
      }
    }
  }
  return layOut(new Uint8Array(Buffer.concat(rows)), data.a.store.sizePx, COUNT.shown);
}

async function reconstruction(model: ManipulationModel, data: GanData, person: Person): Promise<number> {
  const each: number[] = [];
  const distances = faces(data, COUNT.measured, (x) =>
    tf.tidy(() => tf.mean(tf.abs(tf.sub(manipulateFaces(model, x, person), x)), [1, 2, 3], true)),
  );
  for await (const distance of distances) {
    each.push(...(distance.dataSync() as Float32Array));
    distance.dispose();
  }
  return (127.5 * each.reduce((sum, value) => sum + value, 0)) / each.length;
}

/** Whether enough faces of this person are held out. */
export const hasHeldOut = ({ heldOut }: GanData): boolean => heldOut.length >= COUNT.shown;

/** Held-out faces, or training faces if too few are held out. */
function heldOut(data: GanData, count: number): number[] {
  const from = hasHeldOut(data) ? data.heldOut : data.train;
  return sampleEvenly(from, count);
}

async function* faces(
  data: GanData,
  count: number,
  make: (x: Tensor4D) => Tensor4D,
): AsyncGenerator<Tensor4D> {
  const { store } = data;
  const chosen = heldOut(data, count);
  for (let i = 0; i < chosen.length; i += EMBED_BATCH) {
    const some = chosen.slice(i, i + EMBED_BATCH);
    const pixels = Float32Array.from(await store.read(some), (value) => value / 127.5 - 1);
    const x = tf.tensor4d(pixels, [some.length, store.sizePx, store.sizePx, 3]);
    const made = make(x);
    x.dispose();
    yield made;
  }
}

function meanOf({ values, dimensions }: { values: Float32Array; dimensions: number }): Float64Array {
  const mean = new Float64Array(dimensions);
  const count = values.length / dimensions;
  for (const [i, value] of values.entries()) mean[i % dimensions]! += value / count;
  return mean;
}
