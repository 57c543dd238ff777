import { applyLowResolution, drawLowResolution, upscale } from "../../augmentation/index.ts";
import { type Scalar, seededRandom, type Tensor4D, tf, withPrecision } from "../../engine/index.ts";
import { discriminate, manipulateFaces, type Pass } from "../../networks/index.ts";
import { r1Penalty } from "../gan/gradient-penalty.ts";
import { discriminatorLoss, generatorLoss } from "../gan/losses.ts";
import type { Critic } from "./critic.ts";
import type { TrainRestorationOptions } from "./manipulation-options.ts";
import type { ManipulationState } from "./manipulation-state.ts";

const PASS: Pass = { mode: "training" };
/** Steps between two R1 penalties (Karras et al. 2020). */
const R1_EVERY = 16;
/** Distinguishes this use of the seed. */
const ROW = 0x4e57;

/**
 * One update of the discriminator on sharp and restored faces, then one of the restorer.
 *
 * @param pixels sharp faces, float32 [N, S, S, 3] in [-1, 1]
 * @param critic frozen networks that add losses
 * @returns losses by name
 */
export function restorationStep(
  state: ManipulationState,
  pixels: Float32Array,
  critic: Critic,
  options: Pick<TrainRestorationOptions, "resolution" | "learningRate" | "adversarial" | "r1" | "seed">,
  step: number,
): Record<string, number> {
  const { resolution, learningRate, adversarial, r1, seed } = options;
  const random = seededRandom(seed, step, ROW);
  const { model, optimizer } = state;
  const { discriminator, optimizer: dOptimizer } = state.adversary!;
  const sharp = tf.tensor4d(pixels, [pixels.length / (resolution ** 2 * 3), resolution, resolution, 3]);
  const [soft, restored] = tf.tidy(() => {
    const small = applyLowResolution(sharp, drawLowResolution(random), random);
    const input = upscale(small, resolution);
    return [input, manipulateFaces(model, input)] as const;
  });

  const dVariables = discriminator.parameters.trained;
  const d = tf.variableGrads(
    () =>
      discriminatorLoss(
        "non-saturating",
        discriminate(discriminator, sharp, PASS),
        discriminate(discriminator, restored, PASS),
      ),
    dVariables,
  );
  dOptimizer.apply(
    dVariables.map((v) => d.grads[v.name]),
    { learningRate },
  );
  if (r1 > 0 && step % R1_EVERY === 0) {
    const logitsOf = (x: Tensor4D) => tf.concat([...discriminate(discriminator, x, PASS).heads], 1);
    const weight = r1 * R1_EVERY;
    const penalty = withPrecision("float32", () =>
      r1Penalty(sharp, logitsOf, { weight, variables: dVariables }),
    );
    dOptimizer.apply(
      dVariables.map((v) => penalty.gradients[v.name]),
      { learningRate },
    );
    tf.dispose(penalty.gradients);
  }

  const variables = model.parameters.trained;
  const wanted = critic.features(sharp);
  const parts: Record<string, number> = {};
  const read = (name: string, loss: Scalar): Scalar => {
    parts[name] = loss.dataSync()[0]!;
    return loss;
  };
  const g = tf.variableGrads(() => {
    const output = manipulateFaces(model, soft);
    const l1 = read("l1", tf.mean(tf.abs(tf.sub(output, sharp))) as Scalar);
    const losses: Scalar[] = [l1, ...critic.losses(output, wanted, read)];
    if (adversarial > 0) {
      const loss = generatorLoss("non-saturating", discriminate(discriminator, output, PASS));
      losses.push(tf.mul(loss, adversarial) as Scalar);
    }
    return tf.addN(losses) as Scalar;
  }, variables);
  optimizer.apply(
    variables.map((v) => g.grads[v.name]),
    { learningRate },
  );
  const losses = {
    ...parts,
    generator: g.value.dataSync()[0]!,
    discriminator: d.value.dataSync()[0]!,
  };
  tf.dispose([sharp, soft, restored, wanted, d.value, d.grads, g.value, g.grads]);
  return losses;
}
