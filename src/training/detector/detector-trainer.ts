import { tf } from "../../engine/index.ts";
import { TelltaleError } from "../../errors.ts";
import {
  type Discriminator,
  hasSynthesisForm,
  restoreDiscriminator,
  setStandard,
  trainedVariables,
} from "../../networks/index.ts";
import type { JoinedStores } from "../joined-stores.ts";
import { splitNames } from "../names.ts";
import type { RunFolder } from "../run-folder.ts";
import { averageInto } from "../weight-update.ts";
import { AdamW } from "./adamw.ts";
import { addSynthesisForm } from "./add-synthesis.ts";
import { BankSampler } from "./bank-sampler.ts";
import type { BatchSource, TrainBatch } from "./batch-source.ts";
import { type DetectorSettings, isNew } from "./detector-options.ts";
import { adversarialAt, learningRateAt, trainStep } from "./detector-step.ts";
import { openBatches } from "./open-batches.ts";
import { loadStartingPoint } from "./starting-point.ts";
import type { TrainingEvent } from "./training-event.ts";
import { aucBySource, COLLAPSE_CURE, isCollapsed, scoreSplit } from "./validation.ts";

/** Faces of each source and label that are looked at during training; all of them at the end. */
const QUICK_LIMIT = 300;
const LOG_EVERY = 50;
/** Pairs of faces whose statistics the others are standardised by. */
const STANDARD_PAIRS = 512;

interface Best {
  readonly step: number;
  /** Mean over the sources' AUCs on validation faces. */
  readonly auc: number;
}

/** The loop of `train detector`: batches in, weights out. */
export class DetectorTrainer {
  step = 0;
  readonly current: Discriminator;
  readonly averaged: Discriminator;
  /** Averaged weights at the validation that went best, or last under `adversarial`; null before the first. */
  best: (Best & { readonly values: Float32Array }) | null = null;
  readonly #optimizer: AdamW;
  readonly #settings: DetectorSettings;
  readonly #run: RunFolder;

  private constructor(current: Discriminator, options: DetectorSettings, run: RunFolder) {
    this.current = current;
    this.averaged = restoreDiscriminator(
      current.architecture,
      current.parameters.toFloat32(),
      current.network,
    );
    this.#optimizer = new AdamW(trainedVariables(current, options.trunk), {
      weightDecay: options.weightDecay,
    });
    this.#settings = options;
    this.#run = run;
  }

  /** Begins at the starting point, or goes on from the run's checkpoint. */
  static async start(options: DetectorSettings, run: RunFolder): Promise<DetectorTrainer> {
    const current = await loadStartingPoint(options);
    const trainer = new DetectorTrainer(current, options, run);
    const checkpoint = await run.loadCheckpoint<{ step: number; best: Best | null }>();
    if (checkpoint !== null) {
      const { state, arrays } = checkpoint;
      const [weights, average, first, second, values] = arrays as [
        Float32Array,
        Float32Array,
        Float32Array,
        Float32Array,
        Float32Array | undefined,
      ];
      trainer.step = state.step;
      trainer.current.parameters.assign(weights);
      trainer.averaged.parameters.assign(average);
      trainer.#optimizer.assign([first, second], state.step);
      if (state.best && values) trainer.best = { ...state.best, values };
    }
    return trainer;
  }

  /** @returns false when the signal ended it early */
  async train(
    store: JoinedStores,
    on: { event?: (event: TrainingEvent) => void; signal?: AbortSignal },
  ): Promise<boolean> {
    const { steps, batch, saveEvery, evalEvery, adversarial } = this.#settings;
    const loader = await openBatches(this.#settings, store, this.current, on);
    if (loader === null) return false;
    await this.#standardise(loader);
    let window = { began: performance.now(), step: this.step, loss: 0, waitedMs: loader.waitedMs };
    try {
      while (this.step < steps && !this.#isStale()) {
        if (on.signal?.aborted === true) {
          await this.#save();
          return false;
        }
        window.loss += this.#update(await loader.take(this.step));
        const done = this.step;
        if (done % LOG_EVERY === 0 || done === steps) {
          const elapsedMs = performance.now() - window.began;
          const count = done - window.step;
          const stats = {
            step: done,
            loss: window.loss / count,
            imagesPerSec: (1000 * count * batch) / elapsedMs,
            waitedShare: (loader.waitedMs - window.waitedMs) / elapsedMs,
          };
          await this.#run.log(stats);
          on.event?.({ kind: "step", ...stats });
          window = { began: performance.now(), step: done, loss: 0, waitedMs: loader.waitedMs };
        }
        if (done % evalEvery === 0 || done === steps) {
          const { auc, collapsed } = await this.#validate(store, on);
          // The less a network is hardened, the better it is at faces that nobody changed: there the last weights are kept.
          if (this.best === null || adversarial > 0 || auc.mean > this.best.auc) {
            this.best = { step: done, auc: auc.mean, values: this.averaged.parameters.toFloat32() };
          }
          if (collapsed) {
            const sentence = `Every held-out face got the same answer at step ${done}: the network has collapsed, and may not recover. ${COLLAPSE_CURE}`;
            await this.#run.log({ step: done, warning: sentence });
            on.event?.({ kind: "warning", step: done, sentence });
          }
          // What validation takes is no training time.
          window.began = performance.now();
        }
        if (done % saveEvery === 0) await this.#save();
      }
      await this.#save();
      return true;
    } finally {
      await loader.close();
    }
  }

  /** What statistics are standardised by, of the first faces drawn; once, before the first step of a new head. */
  async #standardise(source: BatchSource): Promise<void> {
    if (!(source instanceof BankSampler) || this.step > 0 || !isNew(this.#settings)) return;
    const { statistics, classes } = await source.first(STANDARD_PAIRS);
    const usual = tf.tensor2d(statistics, [classes.length, statistics.length / classes.length]);
    for (const { parameters } of [this.current, this.averaged]) setStandard(parameters, usual);
    usual.dispose();
  }

  /** Looks at the validation faces with the weights as they are now. */
  async #validate(store: JoinedStores, on: { event?: (event: TrainingEvent) => void }) {
    const faces = await scoreSplit(this.averaged, store, {
      split: "validation",
      unseen: splitNames(this.#settings.validateOn),
      crop: { sizePx: this.#settings.size, margin: this.#settings.margin },
      limit: QUICK_LIMIT,
    });
    const auc = aucBySource(faces);
    // A finished run that is resumed looks at them once more, and sees the same.
    await this.#run.logOnce({ step: this.step, validationAuc: auc });
    on.event?.({ kind: "validated", step: this.step, auc });
    return { auc, collapsed: isCollapsed(faces) };
  }

  /** Whether validation has not got better for as long as patience lasts (Prechelt 1998). */
  #isStale(): boolean {
    const { patience, evalEvery } = this.#settings;
    return patience > 0 && this.best !== null && this.step - this.best.step >= patience * evalEvery;
  }

  #update(batch: TrainBatch): number {
    const { learningRate: peak, warmUp, steps, emaDecay, seed, trunk, adversarial } = this.#settings;
    const loss = trainStep(this.current, this.#optimizer, batch, {
      ...this.#settings,
      learningRate: learningRateAt(this.step, { peak, warmUp, steps }),
      adversarial: adversarialAt(this.step, { most: adversarial, steps }),
      seed: seed + this.step,
    });
    if (!Number.isFinite(loss)) {
      throw new TelltaleError(
        "LOSS_NOT_FINITE",
        `The loss became ${loss} at step ${this.step}. The last checkpoint is kept in ${this.#run.path}; resume from it with a lower learning rate in a new run.`,
      );
    }
    this.step++;
    // Few steps in, the average follows closely, or the first weights would stay in it for long.
    averageInto(
      trainedVariables(this.averaged, trunk),
      trainedVariables(this.current, trunk),
      Math.min(emaDecay, this.step / (this.step + 10)),
    );
    return loss;
  }

  /**
   * Puts the finished weights into `averaged`: the best ones, and between them and those of the starting point the share
   * of `keepStart` (Wortsman et al., "Robust fine-tuning of zero-shot models", 2022).
   */
  async settle(): Promise<void> {
    const { keepStart } = this.#settings;
    let values = this.best?.values ?? this.averaged.parameters.toFloat32();
    if (keepStart > 0) {
      const { parameters } = await loadStartingPoint(this.#settings);
      const start = parameters.toFloat32();
      parameters.dispose();
      values = values.map((value, i) => keepStart * start[i]! + (1 - keepStart) * value);
    }
    this.averaged.parameters.assign(values);
  }

  /**
   * Fits what of the finished network is fitted in one piece, and looks at the validation faces once more.
   *
   * @returns false when the signal ended it
   */
  async complete(
    store: JoinedStores,
    on: { event?: (event: TrainingEvent) => void; signal?: AbortSignal },
  ): Promise<boolean> {
    if (!hasSynthesisForm(this.averaged.parameters)) return true;
    const form = await addSynthesisForm(this.averaged, store, this.#settings, on);
    if (form === "fitted") await this.#validate(store, on);
    return form !== "stopped";
  }

  async #save(): Promise<void> {
    const arrays = [this.current.parameters, this.averaged.parameters].map((p) => p.toFloat32());
    const best = this.best && { step: this.best.step, auc: this.best.auc };
    await this.#run.saveCheckpoint({ step: this.step, best }, [
      ...arrays,
      ...this.#optimizer.toFloat32(),
      ...(this.best === null ? [] : [this.best.values]),
    ]);
  }

  dispose(): void {
    this.current.parameters.dispose();
    this.averaged.parameters.dispose();
    this.#optimizer.dispose();
  }
}
