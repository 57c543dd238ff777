import type { ConcatDataset } from "../../data/concat-dataset.ts";
import { TelltaleError } from "../../errors.ts";
import { type Discriminator, discriminatorFromWeights, trainedVariables } from "../../networks/index.ts";
import { AdamW } from "../adamw.ts";
import { parseList } from "../parse-list.ts";
import type { RunFolder } from "../run-folder.ts";
import { averageInto } from "../weight-update.ts";
import { BatchLoader } from "./batch-loader.ts";
import { BatchSampler } from "./batch-sampler.ts";
import type { DetectorSettings } from "./detector-options.ts";
import { learningRateAt, trainStep } from "./detector-step.ts";
import type { FaceBatch } from "./face-batch.ts";
import { loadInitialModel } from "./initial-model.ts";
import type { TrainingEvent } from "./training-event.ts";
import { aucBySource, COLLAPSE_ADVICE, isCollapsed, scoreSplit } from "./validation.ts";

/** Faces per source and label in a validation during training. The final calibration uses all. */
const QUICK_LIMIT = 300;
const LOG_EVERY = 50;

interface Best {
  readonly step: number;
  /** Mean over the sources' AUCs on validation faces. */
  readonly auc: number;
}

/** The training loop of `train detector`. */
export class DetectorTrainer {
  step = 0;
  readonly current: Discriminator;
  readonly averaged: Discriminator;
  /** Averaged weights of the best validation; null before the first. */
  best: (Best & { readonly values: Float32Array }) | null = null;
  readonly #optimizer: AdamW;
  readonly #settings: DetectorSettings;
  readonly #run: RunFolder;

  private constructor(current: Discriminator, options: DetectorSettings, run: RunFolder) {
    this.current = current;
    this.averaged = discriminatorFromWeights(
      current.architecture,
      current.parameters.toFloat32(),
      current.network,
    );
    this.#optimizer = new AdamW(trainedVariables(current, options.freezeBackbone), {
      weightDecay: options.weightDecay,
    });
    this.#settings = options;
    this.#run = run;
  }

  /** Starts with the initial weights, or resumes from the checkpoint of the run. */
  static async start(options: DetectorSettings, run: RunFolder): Promise<DetectorTrainer> {
    const current = await loadInitialModel(options);
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
      const counts = trainer.#optimizer.counts.map(() => state.step);
      trainer.#optimizer.assign(first, second, counts);
      if (state.best && values) trainer.best = { ...state.best, values };
    }
    return trainer;
  }

  /** Trains to the end. @returns false after an abort */
  async train(
    store: ConcatDataset,
    on: { event?: (event: TrainingEvent) => void; signal?: AbortSignal },
  ): Promise<boolean> {
    const { steps, batch, saveEvery, evalEvery } = this.#settings;
    const loader = await this.#openBatches(store);
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
          if (this.best === null || auc.mean > this.best.auc) {
            this.best = { step: done, auc: auc.mean, values: this.averaged.parameters.toFloat32() };
          }
          if (collapsed) {
            const sentence = `All validation faces have the same score at step ${done}: the network has collapsed and may not recover. ${COLLAPSE_ADVICE}`;
            await this.#run.log({ step: done, warning: sentence });
            on.event?.({ kind: "warning", step: done, sentence });
          }
          // Validation time does not count as training time.
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

  async #openBatches(store: ConcatDataset): Promise<BatchLoader> {
    const { seed, size, margin, batch, threads, exclude, validateOn, selfBlends, swaps } = this.#settings;
    const plan = new BatchSampler(store.faces, {
      ...{ seed, batchSize: batch, selfBlends, swaps },
      exclude: [...parseList(exclude), ...parseList(validateOn)],
    });
    return BatchLoader.start({
      ...{ storeFolders: store.folders, plan, seed, threads, ahead: 2 * threads },
      crop: { sizePx: size, margin },
    });
  }

  /** Validates the averaged weights. */
  async #validate(store: ConcatDataset, on: { event?: (event: TrainingEvent) => void }) {
    const faces = await scoreSplit(this.averaged, store, {
      split: "validation",
      unseen: parseList(this.#settings.validateOn),
      crop: { sizePx: this.#settings.size, margin: this.#settings.margin },
      limit: QUICK_LIMIT,
    });
    const auc = aucBySource(faces);
    // A resumed run repeats the validation of its last step.
    await this.#run.logOnce({ step: this.step, validationAuc: auc });
    on.event?.({ kind: "validated", step: this.step, auc });
    return { auc, collapsed: isCollapsed(faces) };
  }

  /** Whether the AUC has not improved for `patience` validations (early stopping, Prechelt 1998). */
  #isStale(): boolean {
    const { patience, evalEvery } = this.#settings;
    return patience > 0 && this.best !== null && this.step - this.best.step >= patience * evalEvery;
  }

  #update(batch: FaceBatch): number {
    const { learningRate: peak, warmUp, steps, emaDecay, seed, freezeBackbone } = this.#settings;
    const loss = trainStep(this.current, this.#optimizer, batch, {
      ...this.#settings,
      learningRate: learningRateAt(this.step, { peak, warmUp, steps }),
      seed: seed + this.step,
    });
    if (!Number.isFinite(loss)) {
      throw new TelltaleError(
        "LOSS_NOT_FINITE",
        `The loss became ${loss} at step ${this.step}. The last checkpoint is kept in ${this.#run.path}; start a new run from it with a lower learning rate.`,
      );
    }
    this.step++;
    // A smaller decay in the first steps, so that the initial weights fade quickly.
    averageInto(
      trainedVariables(this.averaged, freezeBackbone),
      trainedVariables(this.current, freezeBackbone),
      Math.min(emaDecay, this.step / (this.step + 10)),
    );
    return loss;
  }

  /** Copies the best weights into `averaged`. */
  restoreBest(): void {
    if (this.best !== null) this.averaged.parameters.assign(this.best.values);
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
