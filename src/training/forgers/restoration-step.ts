import { type Scalar, seededRandom, type Tensor4D, tf, withPrecision } from "../../engine/index.ts";
import { drawLoss, enlarge, shrink } from "../../forgeries/index.ts";
import { forgeFaces, judge, type Pass } from "../../networks/index.ts";
import { r1Penalty } from "../gan/gradient-penalty.ts";
import { discriminatorLoss, generatorLoss } from "../gan/losses.ts";
import type { TrainRestorationOptions } from "./forger-options.ts";
import type { ForgerState } from "./forger-state.ts";

const PASS: Pass = { mode: "training" };
/** Steps between two R1 penalties (Karras et al. 2020). */
const R1_EVERY = 16;
/** Use of the seed, told from others. */
const ROW = 0x4e57;

/**
 * One update of the discriminator on sharp and restored faces, then one of the restorer.
 *
 * @param pixels float32 [N, S, S, 3] in [-1, 1], sharp
 */
export function restorationStep(
  state: ForgerState,
  pixels: Float32Array,
  options: Pick<TrainRestorationOptions, "resolution" | "learningRate" | "adversarial" | "r1" | "seed">,
  step: number,
): Record<string, number> {
  const { resolution, learningRate, adversarial, r1, seed } = options;
  const random = seededRandom(seed, step, ROW);
  const { forger, optimizer } = state;
  const { discriminator, optimizer: rivalOptimizer } = state.rival!;
  const sharp = tf.tensor4d(pixels, [pixels.length / (resolution ** 2 * 3), resolution, resolution, 3]);
  const [soft, restored] = tf.tidy(() => {
    const small = shrink(sharp, drawLoss(random), random);
    const input = enlarge(small, resolution);
    return [input, forgeFaces(forger, input)] as const;
  });

  const rivalVariables = discriminator.parameters.trained;
  const rival = tf.variableGrads(
    () =>
      discriminatorLoss(
        "non-saturating",
        judge(discriminator, sharp, PASS),
        judge(discriminator, restored, PASS),
      ),
    rivalVariables,
  );
  rivalOptimizer.apply(
    rivalVariables.map((v) => rival.grads[v.name]),
    { learningRate },
  );
  if (r1 > 0 && step % R1_EVERY === 0) {
    const logitsOf = (x: Tensor4D) => tf.concat([...judge(discriminator, x, PASS).heads], 1);
    const weight = r1 * R1_EVERY;
    const penalty = withPrecision("float32", () =>
      r1Penalty(sharp, logitsOf, { weight, variables: rivalVariables }),
    );
    rivalOptimizer.apply(
      rivalVariables.map((v) => penalty.gradients[v.name]),
      { learningRate },
    );
    tf.dispose(penalty.gradients);
  }

  const variables = forger.parameters.trained;
  let distance = 0;
  const own = tf.variableGrads(() => {
    const output = forgeFaces(forger, soft);
    const l1 = tf.mean(tf.abs(tf.sub(output, sharp))) as Scalar;
    distance = l1.dataSync()[0]!;
    if (adversarial === 0) return l1;
    const word = generatorLoss("non-saturating", judge(discriminator, output, PASS));
    return tf.add(l1, tf.mul(word, adversarial)) as Scalar;
  }, variables);
  optimizer.apply(
    variables.map((v) => own.grads[v.name]),
    { learningRate },
  );
  const losses = {
    l1: distance,
    generator: own.value.dataSync()[0]!,
    discriminator: rival.value.dataSync()[0]!,
  };
  tf.dispose([sharp, soft, restored, rival.value, rival.grads, own.value, own.grads]);
  return losses;
}
