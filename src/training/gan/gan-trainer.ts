import {
  fastestPrecision,
  type Precision,
  seededRandom,
  type Tensor4D,
  tf,
  withPrecision,
} from "../../engine/index.ts";
import type { Stage } from "../../networks/index.ts";
import { averageInto } from "../weight-update.ts";
import { parseAugment } from "./diff-augment.ts";
import type { ResolvedGanOptions } from "./gan-options.ts";
import type { GanState } from "./gan-state.ts";
import { discriminatorStep, generatorStep, type StepOptions } from "./gan-step.ts";
import { emaDecay, rateShare, stageAt } from "./schedules.ts";

/** Means over the steps since the last `takeStats`. */
export interface StepStats {
  readonly dLoss: number;
  readonly gLoss: number;
  readonly realLogit: number;
  readonly fakeLogit: number;
  /** R1 penalty, including the factor of lazy regularisation. */
  readonly r1: number;
  readonly dGradientNorm: number;
  readonly gGradientNorm: number;
}

const zero: StepStats = {
  dLoss: 0,
  gLoss: 0,
  realLogit: 0,
  fakeLogit: 0,
  r1: 0,
  dGradientNorm: 0,
  gGradientNorm: 0,
};

/** Distinguish the uses of the seed. */
const [D_ROW, G_ROW] = [0xd15c, 0x6e4e];

/** Runs training steps: discriminator, generator, moving average. */
export class GanTrainer {
  readonly #state: GanState;
  readonly #options: ResolvedGanOptions;
  /** Class of each image of the dataset. */
  readonly #labels: readonly number[];
  readonly #precision: Precision;
  #sums: StepStats = zero;
  #count = 0;

  constructor(state: GanState, options: ResolvedGanOptions, labels: readonly number[]) {
    this.#state = state;
    this.#options = options;
    this.#labels = labels;
    this.#precision = options.precision === "auto" ? fastestPrecision() : options.precision;
  }

  get kimg(): number {
    return (this.#state.step * this.#options.batch) / 1000;
  }

  /** Growth of `progressive`; undefined for other architectures. */
  get stage(): Stage | undefined {
    return this.#options.arch === "progressive" ? stageAt(this.kimg, this.#options) : undefined;
  }

  /**
   * One step on one batch.
   *
   * @param batch images, float32 [N, S, S, 3] in [-1, 1], and their indices in the dataset
   * @returns null, or the network whose loss or gradient is not finite; then the step does not count
   */
  step(batch: {
    pixels: Float32Array;
    indices: readonly number[];
  }): { network: "discriminator" | "generator"; loss: number } | null {
    const { generator, discriminator, averaged, step } = this.#state;
    const { batch: count, resolution, seed, emaKimg } = this.#options;
    const reals = tf.tensor4d(batch.pixels, [count, resolution, resolution, 3]) as Tensor4D;
    try {
      const labels = batch.indices.map((i) => this.#labels[i]!);
      const given = this.#labels.length > 0 ? { labels } : {};
      const ofD: StepOptions = { ...this.#common("d"), ...given, random: seededRandom(seed, step, D_ROW) };
      const d = withPrecision(this.#precision, () =>
        discriminatorStep(generator, discriminator, this.#state.dOptimizer, reals, ofD),
      );
      if (Number.isNaN(d.gradientNorm)) return { network: "discriminator", loss: d.loss };
      const ofG: StepOptions = { ...this.#common("g"), ...given, random: seededRandom(seed, step, G_ROW) };
      const g = withPrecision(this.#precision, () =>
        generatorStep(generator, discriminator, this.#state.gOptimizer, reals, ofG),
      );
      if (Number.isNaN(g.gradientNorm)) return { network: "generator", loss: g.loss };
      this.#state.step++;
      const decay = emaDecay({ emaKimg, kimg: this.kimg, batch: count });
      averageInto(averaged.parameters.variables, generator.parameters.variables, decay);
      this.#add({
        dLoss: d.loss,
        gLoss: g.loss,
        realLogit: d.realLogit,
        fakeLogit: d.fakeLogit,
        r1: d.r1,
        dGradientNorm: d.gradientNorm,
        gGradientNorm: g.gradientNorm,
      });
      return null;
    } finally {
      reals.dispose();
    }
  }

  /** Means since the last `takeStats`. */
  get stats(): StepStats {
    const count = Math.max(1, this.#count);
    const means = Object.fromEntries(Object.entries(this.#sums).map(([key, sum]) => [key, sum / count]));
    return means as unknown as StepStats;
  }

  /** Means since the last call. */
  takeStats(): StepStats {
    const means = this.stats;
    this.#sums = zero;
    this.#count = 0;
    return means;
  }

  #common(network: "d" | "g"): Omit<StepOptions, "random" | "labels"> {
    const o = this.#options;
    const share = rateShare(o.schedule, this.kimg / o.kimg);
    const isPenalised = network === "d" && o.r1 > 0 && this.#state.step % o.r1Every === 0;
    return {
      loss: o.loss,
      learningRate: share * (network === "d" ? o.dLearningRate : o.gLearningRate),
      labelSmoothing: o.labelSmoothing,
      featureMatching: o.featureMatching,
      clipNorm: o.clipNorm,
      augment: parseAugment(o.augment),
      stage: this.stage,
      // Lazy regularisation: same strength as a penalty in every step (Karras et al. 2020).
      r1: isPenalised ? o.r1 * o.r1Every : 0,
    };
  }

  #add(stats: StepStats): void {
    const entries = Object.entries(stats).map(([key, value]) => [
      key,
      this.#sums[key as keyof StepStats] + (value as number),
    ]);
    this.#sums = Object.fromEntries(entries) as StepStats;
    this.#count++;
  }
}
