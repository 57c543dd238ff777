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
/** Time between two tellings of how far the run is, at least. */
const TELL_EVERY_MS = 5000;

/** One stretch of a run: from where it stands to its end or to the signal. */
export class GanRun {
  readonly #state: GanState;
  readonly #data: GanData;
  readonly #options: ResolvedGanOptions;
  readonly #run: RunFolder;
  readonly #on: GanHooks;
  readonly #watch: GanEvaluator;
  readonly #trainer: GanTrainer;
  /** Widest spread of samples so far, as a share of the reals'. */
  #widest = 0;
  /** Step of the checkpoint that there is. */
  #savedStep: number | null;
  #window = { beganMs: 0, step: 0, waitedMs: 0 };
  #toldMs = 0;

  constructor(state: GanState, data: GanData, options: ResolvedGanOptions, run: RunFolder, on: GanHooks) {
    this.#state = state;
    this.#savedStep = state.isResumed ? state.step : null;
    this.#data = data;
    this.#options = options;
    this.#run = run;
    this.#on = on;
    this.#watch = new GanEvaluator(data, options, run.path);
    this.#trainer = new GanTrainer(state, options, data.labels);
  }

  /** @returns false when the signal ended it early */
  async train(): Promise<boolean> {
    const state = this.#state;
    const { batch, kimg, seed, oriented, threads, watts, saveKimg, sampleKimg, evalKimg } = this.#options;
    const steps = Math.ceil((kimg * 1000) / batch);
    const every = (interval: number) => interval > 0 && crosses(state.step, batch, interval);
    const operations = await countGanOperations(state, this.#options);
    const meter = await CostMeter.start(watts, state.costBefore);
    this.#widest = await widestSpread(this.#run.path);
    if (state.step >= steps) {
      await this.#warn(
        `Expected --kimg above ${(state.step * batch) / 1000}, where the run stands, to train on; it is only measured anew.`,
      );
    }
    const { store, train: chosen } = this.#data;
    const loader = await ImageLoader.start({ store, chosen, seed, batch, isMirrored: !oriented, threads });
    try {
      await this.#saveNetworks();
      if (!state.isResumed) {
        await this.#watch.writeReals();
        await this.#samples();
      }
      this.#restart(loader);
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
        else if (performance.now() - this.#toldMs > TELL_EVERY_MS)
          this.#tell(this.#progress(loader, operations, steps));
        // The first step takes much longer than the others, and says little of what is left.
        if (state.step === firstStep && !isLogged) this.#restart(loader);
        // What has been learnt is safe before it is looked at.
        if (every(saveKimg) || isLast) await this.#save(meter);
        if (isLast) continue;
        if (every(sampleKimg)) await this.#samples();
        if (every(evalKimg)) await this.#measure();
        if (every(saveKimg) || every(sampleKimg) || every(evalKimg)) this.#restart(loader);
        // The loop must yield now and then, or a signal would never be seen.
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
    const broken = this.#trainer.step(batch);
    if (broken === null) return;
    const what = Number.isFinite(broken.loss)
      ? `gradient is no number (its loss is ${Number(broken.loss.toPrecision(4))})`
      : `loss became ${broken.loss}`;
    const kept =
      this.#savedStep === null
        ? "No checkpoint was saved yet"
        : `The checkpoint of step ${this.#savedStep} is kept in ${this.#run.path}`;
    throw new TelltaleError(
      "LOSS_NOT_FINITE",
      `The ${broken.network}'s ${what} at step ${step}. ${kept}; begin a new run with lower learning rates, another --r1 or --clip-norm 1.`,
    );
  }

  #restart(loader: ImageLoader): void {
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

  #tell(progress: Progress): void {
    this.#on.event?.({ kind: "step", ...progress });
    this.#toldMs = performance.now();
  }

  async #log(loader: ImageLoader, operations: Operations, steps: number, meter: CostMeter): Promise<void> {
    const progress = this.#progress(loader, operations, steps);
    this.#trainer.takeStats();
    const cost: Cost = await meter.read();
    await this.#run.log({ kind: "step", ...progress, ...cost, tensors: tf.memory().numTensors });
    this.#tell(progress);
    this.#restart(loader);
  }

  async #samples(): Promise<void> {
    const file = await this.#watch.writeSamples(this.#state, this.#trainer.stage);
    await writeGanReport(this.#run.path);
    this.#on.event?.({ kind: "samples", file });
  }

  async #measure(): Promise<void> {
    const { step } = this.#state;
    const kimg = (step * this.#options.batch) / 1000;
    const watch = await this.#watch.overfitting(this.#state, this.#trainer.stage);
    const { signal } = this.#on;
    const quality = await this.#watch
      .measure(this.#state, this.#trainer.stage, signal)
      .catch((error: unknown) => {
        if (signal?.aborted === true) return null;
        throw error;
      });
    // Told to stop: what was learnt matters more than how good it is.
    if (quality === null) return;
    await this.#run.log({ kind: "measured", step, kimg, ...quality, ...watch });
    this.#on.event?.({ kind: "measured", kimg, quality, watch });
    const spread = quality.spread ?? 0;
    for (const sentence of trainingWarnings({
      spread,
      widest: this.#widest,
      overfitting: watch.overfitting,
    })) {
      await this.#warn(sentence);
    }
    this.#widest = Math.max(this.#widest, spread);
    // With its warnings.
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
    this.#watch.dispose();
    this.#state.dispose();
  }
}

/** What the run's earlier measurements found. */
async function widestSpread(folder: string): Promise<number> {
  const rows = await readStats<{ kind: string; step: number; spread?: number | null }>(
    folder,
    ({ kind, step }) => `${kind}/${step}`,
  );
  return Math.max(0, ...rows.map(({ spread }) => spread ?? 0));
}

/** Whether the last step went past a multiple of `kimg`. */
function crosses(step: number, batch: number, kimg: number): boolean {
  const at = (s: number) => Math.floor((s * batch) / 1000 / kimg);
  return at(step) > at(step - 1);
}
