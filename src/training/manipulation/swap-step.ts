import { warpFace } from "../../augmentation/index.ts";
import { type Scalar, seededRandom, type Tensor4D, tf } from "../../engine/index.ts";
import { manipulateFaces, people } from "../../networks/index.ts";
import type { TrainSwapOptions } from "./manipulation-options.ts";
import type { ManipulationState } from "./manipulation-state.ts";

/** Distinguishes this use of the seed. */
const ROW = 0x54a9;
/** Final learning rate as a fraction of the peak. */
const FINAL_RATE = 0.05;

/**
 * One update of the encoder and both decoders: the L1 loss of each person's warped faces through their own decoder.
 *
 * @param batches one per person, float32 [N, S, S, 3] in [-1, 1]
 * @returns losses by name
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
    { learningRate: options.learningRate * rateAt(step / options.steps) },
  );
  tf.dispose([value, grads, pairs]);
  return losses;
}

/** Half a cosine from 1 to {@link FINAL_RATE} (Loshchilov & Hutter 2017). */
const rateAt = (done: number) =>
  FINAL_RATE + (1 - FINAL_RATE) * 0.5 * (1 + Math.cos(Math.PI * Math.min(1, done)));

function warpAll(pixels: Float32Array, side: number, seeds: readonly number[]): Float32Array {
  const warped = new Float32Array(pixels.length);
  const random = seededRandom(...seeds, ROW);
  for (let offset = 0; offset < pixels.length; offset += side * side * 3) {
    warpFace(pixels, warped, { side, offset, random });
  }
  return warped;
}
