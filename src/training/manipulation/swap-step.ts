import { warpFace } from "../../augmentation/index.ts";
import { type Scalar, seededRandom, type Tensor4D, tf } from "../../engine/index.ts";
import { manipulateFaces, people } from "../../networks/index.ts";
import type { TrainSwapOptions } from "./manipulation-options.ts";
import type { ManipulationState } from "./manipulation-state.ts";

/** Use of the seed, told from others. */
const ROW = 0x54a9;
/** Share of the peak learning rate at the end. */
const LAST_SHARE = 0.05;

/**
 * One update of the encoder and both decoders: each person's warped faces through their own decoder should be the faces
 * as they were, by L1 distance.
 *
 * @param batches for each person float32 [N, S, S, 3] in [-1, 1]
 */
export function swapStep(
  state: ManipulationState,
  batches: readonly Float32Array[],
  options: Pick<TrainSwapOptions, "resolution" | "learningRate" | "seed" | "steps">,
  step: number,
): Record<string, number> {
  const { resolution, seed } = options;
  const { model, optimizer } = state;
  const pairs = batches.map((pixels, i) => {
    const shape = [pixels.length / (resolution ** 2 * 3), resolution, resolution, 3] as const;
    const face = tf.tensor4d(pixels, [...shape]);
    return { face, warped: tf.tensor4d(warpAll(pixels, resolution, [seed, step, i]), [...shape]) };
  });
  const variables = model.parameters.trained;
  const losses: Record<string, number> = {};
  const { value, grads } = tf.variableGrads(() => {
    const each = people.map((person, i) => {
      const { face, warped } = pairs[i]!;
      const distance = tf.mean(tf.abs(tf.sub(manipulateFaces(model, warped as Tensor4D, person), face)));
      losses[`l1-${person}`] = distance.dataSync()[0]!;
      return distance;
    });
    return tf.addN(each) as Scalar;
  }, variables);
  optimizer.apply(
    variables.map((v) => grads[v.name]),
    { learningRate: options.learningRate * shareAt(step / options.steps) },
  );
  tf.dispose([value, grads, pairs]);
  return losses;
}

/** Half a cosine from 1 down to a twentieth (Loshchilov & Hutter 2017). */
const shareAt = (done: number) =>
  LAST_SHARE + (1 - LAST_SHARE) * 0.5 * (1 + Math.cos(Math.PI * Math.min(1, done)));

function warpAll(pixels: Float32Array, side: number, seeds: readonly number[]): Float32Array {
  const warped = new Float32Array(pixels.length);
  const random = seededRandom(...seeds, ROW);
  for (let offset = 0; offset < pixels.length; offset += side * side * 3) {
    warpFace(pixels, warped, { side, offset, random });
  }
  return warped;
}
