import { join } from "node:path";
import { tf } from "../../engine/index.ts";
import { TelltaleError } from "../../errors.ts";
import { saveGanNetwork } from "../../networks/index.ts";
import { readStats } from "../report/run-report.ts";
import type { RunFolder } from "../run-folder.ts";
import { type Cost, CostMeter } from "./cost.ts";
import type { GanData } from "./gan-data.ts";
import { GanEvaluator } from "./gan-evaluator.ts";
import type { GanHooks, Progress } from "./gan-events.ts";
import type { ResolvedGanOptions } from "./gan-options.ts";
import { writeGanReport } from "./gan-report.ts";
import type { GanState } from "./gan-state.ts";
import { GanTrainer } from "./gan-trainer.ts";
import { ImageLoader } from "./image-loader.ts";
import { countGanOperations, type Operations } from "./plan.ts";
import { trainingWarnings } from "./training-warnings.ts";

/** Steps between two lines of `stats.jsonl`. */
const LOG_EVERY = 20;
/** Minimum time between two progress events. */
const PROGRESS_EVERY_MS = 5000;

/** Runs a training from its current state to the end or to an abort. */
export class GanRun {
  readonly #state: GanState;
  readonly #data: GanData;
  readonly #options: ResolvedGanOptions;
  readonly #run: RunFolder;
  readonly #on: GanHooks;
  readonly #evaluator: GanEvaluator;
  readonly #trainer: GanTrainer;
  /** Largest spread of samples so far, relative to the reals. */
  #maxSpread = 0;
  /** Step of the last checkpoint; null without one. */
  #savedStep: number | null;
  #window = { beganMs: 0, step: 0, waitedMs: 0 };
  #reportedMs = 0;

  constructor(state: GanState, data: GanData, options: ResolvedGanOptions, run: RunFolder, on: GanHooks) {
    this.#state = state;
    this.#savedStep = state.isResumed ? state.step : null;
    this.#data = data;
    this.#options = options;
    this.#run = run;
    this.#on = on;
    this.#evaluator = new GanEvaluator(data, options, run.path);
    this.#trainer = new GanTrainer(state, options, data.labels);
  }

  /** Trains to the end. @returns false after an abort */
  async train(): Promise<boolean> {
    const state = this.#state;
    const { batch, kimg, seed, oriented, threads, watts, saveKimg, sampleKimg, evalKimg } = this.#options;
    const steps = Math.ceil((kimg * 1000) / batch);
    const isDue = (interval: number) => interval > 0 && crosses(state.step, batch, interval);
    const operations = await countGanOperations(state, this.#options);
    const meter = await CostMeter.start(watts, state.costBefore);
    this.#maxSpread = await maxSpreadOf(this.#run.path);
    if (state.step >= steps) {
      await this.#warn(
        `Expected --kimg above ${(state.step * batch) / 1000}, which the run has already reached; it is only measured again.`,
      );
    }
    const { store, train: chosen } = this.#data;
    const loader = await ImageLoader.start({ store, chosen, seed, batch, isMirrored: !oriented, threads });
    try {
      await this.#saveNetworks();
      if (!state.isResumed) {
        await this.#evaluator.writeReals();
        await this.#samples();
      }
      this.#resetWindow(loader);
      const firstStep = state.step + 1;
      while (state.step < steps) {
        if (this.#on.signal?.aborted === true) {
          await this.#save(meter);
          return false;
        }
        this.#update(await loader.take(state.step));
        const isLast = state.step === steps;
        const isLogged = state.step % LOG_EVERY === 0 || isLast;
        if (isLogged) await this.#log(loader, operations, steps, meter);
        else if (performance.now() - this.#reportedMs > PROGRESS_EVERY_MS)
          this.#report(this.#progress(loader, operations, steps));
        // The first step is much slower than the others and would distort the remaining time.
        if (state.step === firstStep && !isLogged) this.#resetWindow(loader);
        // Saves before sampling and measuring.
        if (isDue(saveKimg) || isLast) await this.#save(meter);
        if (isLast) continue;
        if (isDue(sampleKimg)) await this.#samples();
        if (isDue(evalKimg)) await this.#measure();
        if (isDue(saveKimg) || isDue(sampleKimg) || isDue(evalKimg)) this.#resetWindow(loader);
        // Yields to the event loop, so that an abort is noticed.
        await new Promise((resolve) => setImmediate(resolve));
      }
      await this.#samples();
      await this.#measure();
      if (this.#on.signal?.aborted === true) return false;
      await this.#run.log({ kind: "ended", step: state.step, kimg: (state.step * batch) / 1000 });
      await writeGanReport(this.#run.path);
      return true;
    } finally {
      await loader.close();
    }
  }

  #update(batch: { pixels: Float32Array; indices: readonly number[] }): void {
    const { step } = this.#state;
    const invalid = this.#trainer.step(batch);
    if (invalid === null) return;
    const what = Number.isFinite(invalid.loss)
      ? `gradient is not finite (its loss is ${Number(invalid.loss.toPrecision(4))})`
      : `loss became ${invalid.loss}`;
    const kept =
      this.#savedStep === null
        ? "No checkpoint was saved yet"
        : `The checkpoint of step ${this.#savedStep} is kept in ${this.#run.path}`;
    throw new TelltaleError(
      "LOSS_NOT_FINITE",
      `The ${invalid.network}'s ${what} at step ${step}. ${kept}; start a new run with lower learning rates, another --r1 or --clip-norm 1.`,
    );
  }

  #resetWindow(loader: ImageLoader): void {
    this.#window = { beganMs: performance.now(), step: this.#state.step, waitedMs: loader.waitedMs };
  }

  #progress(loader: ImageLoader, operations: Operations, steps: number): Progress {
    const { step } = this.#state;
    const { batch } = this.#options;
    const elapsedMs = performance.now() - this.#window.beganMs;
    const imagesPerSec = (1000 * (step - this.#window.step) * batch) / elapsedMs;
    return {
      step,
      kimg: (step * batch) / 1000,
      ...this.#trainer.stats,
      imagesPerSec,
      gflopPerSec: (imagesPerSec * operations.training) / 1e9,
      waitedShare: (loader.waitedMs - this.#window.waitedMs) / elapsedMs,
      secLeft: ((steps - step) * batch) / imagesPerSec,
    };
  }

  #report(progress: Progress): void {
    this.#on.event?.({ kind: "step", ...progress });
    this.#reportedMs = performance.now();
  }

  async #log(loader: ImageLoader, operations: Operations, steps: number, meter: CostMeter): Promise<void> {
    const progress = this.#progress(loader, operations, steps);
    this.#trainer.takeStats();
    const cost: Cost = await meter.read();
    await this.#run.log({ kind: "step", ...progress, ...cost, tensors: tf.memory().numTensors });
    this.#report(progress);
    this.#resetWindow(loader);
  }

  async #samples(): Promise<void> {
    const file = await this.#evaluator.writeSamples(this.#state, this.#trainer.stage);
    await writeGanReport(this.#run.path);
    this.#on.event?.({ kind: "samples", file });
  }

  async #measure(): Promise<void> {
    const { step } = this.#state;
    const kimg = (step * this.#options.batch) / 1000;
    const overfitting = await this.#evaluator.overfitting(this.#state, this.#trainer.stage);
    const { signal } = this.#on;
    const quality = await this.#evaluator
      .measure(this.#state, this.#trainer.stage, signal)
      .catch((error: unknown) => {
        if (signal?.aborted === true) return null;
        throw error;
      });
    // Aborted.
    if (quality === null) return;
    await this.#run.log({ kind: "measured", step, kimg, ...quality, ...overfitting });
    this.#on.event?.({ kind: "measured", kimg, quality, watch: overfitting });
    const spread = quality.spread ?? 0;
    for (const sentence of trainingWarnings({
      spread,
      maxSpread: this.#maxSpread,
      overfitting: overfitting.overfitting,
    })) {
      await this.#warn(sentence);
    }
    this.#maxSpread = Math.max(this.#maxSpread, spread);
    // Includes the warnings.
    await writeGanReport(this.#run.path);
  }

  async #warn(sentence: string): Promise<void> {
    const { step } = this.#state;
    await this.#run.log({ kind: "warning", step, kimg: (step * this.#options.batch) / 1000, sentence });
    this.#on.event?.({ kind: "warning", sentence });
  }

  async #save(meter: CostMeter): Promise<void> {
    await this.#state.save(this.#run, await meter.read());
    this.#savedStep = this.#state.step;
    // `sample`, `export` and `--from` read the networks of the last checkpoint.
    await this.#saveNetworks();
    await writeGanReport(this.#run.path);
  }

  async #saveNetworks(): Promise<void> {
    const { averaged, discriminator, step } = this.#state;
    const { batch, crop, margin, resolution } = this.#options;
    const { stage } = this.#trainer;
    const isGrown = stage === undefined || (stage.side === resolution && stage.fade === 1);
    const network = { ...averaged.network, ...(isGrown ? {} : { grown: stage }) };
    const common = { network, kimg: (step * batch) / 1000, crop, margin, trainedOn: [...this.#data.sources] };
    const folder = join(this.#run.path, "networks");
    await saveGanNetwork(folder, "generator", averaged.parameters.toFloat32(), {
      architecture: network.architecture,
      ...common,
    });
    await saveGanNetwork(folder, "discriminator", discriminator.parameters.toFloat32(), {
      architecture: discriminator.architecture,
      ...common,
    });
  }

  dispose(): void {
    this.#evaluator.dispose();
    this.#state.dispose();
  }
}

/** The largest spread of earlier measurements. */
async function maxSpreadOf(folder: string): Promise<number> {
  const rows = await readStats<{ kind: string; step: number; spread?: number | null }>(
    folder,
    ({ kind, step }) => `${kind}/${step}`,
  );
  return Math.max(0, ...rows.map(({ spread }) => spread ?? 0));
}

/** Whether the last step passed a multiple of `kimg`. */
function crosses(step: number, batch: number, kimg: number): boolean {
  const at = (s: number) => Math.floor((s * batch) / 1000 / kimg);
  return at(step) > at(step - 1);
}
