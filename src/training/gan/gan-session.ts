import { join } from "node:path";
import { tf } from "../../engine/index.ts";
import { TelltaleError } from "../../errors.ts";
import { saveGanNetwork } from "../../networks/index.ts";
import type { RunFolder } from "../run-folder.ts";
import { type Cost, CostMeter } from "./cost.ts";
import type { GanData } from "./gan-data.ts";
import type { GanHooks, Progress } from "./gan-events.ts";
import type { ResolvedGanOptions } from "./gan-options.ts";
import type { GanState } from "./gan-state.ts";
import { GanTrainer } from "./gan-trainer.ts";
import { GanWatch } from "./gan-watch.ts";
import { PictureLoader } from "./picture-loader.ts";
import { countGanOperations, type Operations } from "./plan.ts";
import { writeRunPage } from "./run-page.ts";

/** Steps between two lines of `stats.jsonl`. */
const LOG_EVERY = 20;
/** Below this share of the reals' spread the samples are said to collapse. */
const COLLAPSED_SPREAD = 0.5;
/** From this share on the discriminator is said to learn by heart; augmentation aims at 0.6 (Karras et al. 2020b). */
const OVERFITTED = 0.6;

/** One stretch of a run: from where it stands to its end or to the signal. */
export class GanSession {
  readonly #state: GanState;
  readonly #data: GanData;
  readonly #options: ResolvedGanOptions;
  readonly #run: RunFolder;
  readonly #on: GanHooks;
  readonly #watch: GanWatch;
  readonly #trainer: GanTrainer;
  #window = { beganMs: 0, step: 0, waitedMs: 0 };

  constructor(state: GanState, data: GanData, options: ResolvedGanOptions, run: RunFolder, on: GanHooks) {
    this.#state = state;
    this.#data = data;
    this.#options = options;
    this.#run = run;
    this.#on = on;
    this.#watch = new GanWatch(data, options, run.path);
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
    const { store, train: chosen } = this.#data;
    const loader = await PictureLoader.start({ store, chosen, seed, batch, isMirrored: !oriented, threads });
    try {
      if (!state.isResumed) {
        await this.#watch.writeReals();
        await this.#samples();
      }
      this.#restart(loader);
      while (state.step < steps) {
        if (this.#on.signal?.aborted === true) {
          await state.save(this.#run, await meter.read());
          return false;
        }
        this.#update(await loader.take(state.step));
        const isLast = state.step === steps;
        if (state.step % LOG_EVERY === 0 || isLast) await this.#log(loader, operations, steps, meter);
        if (every(saveKimg) && !isLast) await state.save(this.#run, await meter.read());
        if (every(sampleKimg) || isLast) await this.#samples();
        if (every(evalKimg) || isLast) await this.#measure();
        if (every(saveKimg) || every(sampleKimg) || every(evalKimg)) this.#restart(loader);
        // The loop must yield now and then, or a signal would never be seen.
        await new Promise((resolve) => setImmediate(resolve));
      }
      await state.save(this.#run, await meter.read());
      await this.#saveNetworks();
      await writeRunPage(this.#run.path);
      return true;
    } finally {
      await loader.close();
    }
  }

  #update(batch: { pixels: Float32Array; indices: readonly number[] }): void {
    const { step } = this.#state;
    const broken = this.#trainer.step(batch);
    if (broken === null) return;
    throw new TelltaleError(
      "LOSS_NOT_FINITE",
      `The ${broken.network}'s loss became ${broken.loss} at step ${step}. The last checkpoint is kept in ${this.#run.path}; begin a new run with a lower learning rate, a stronger --r1 or --clip-norm 1.`,
    );
  }

  #restart(loader: PictureLoader): void {
    this.#window = { beganMs: performance.now(), step: this.#state.step, waitedMs: loader.waitedMs };
  }

  async #log(loader: PictureLoader, operations: Operations, steps: number, meter: CostMeter): Promise<void> {
    const { step } = this.#state;
    const { batch } = this.#options;
    const elapsedMs = performance.now() - this.#window.beganMs;
    const imagesPerSec = (1000 * (step - this.#window.step) * batch) / elapsedMs;
    const progress: Progress = {
      step,
      kimg: (step * batch) / 1000,
      ...this.#trainer.takeStats(),
      imagesPerSec,
      gflopPerSec: (imagesPerSec * operations.training) / 1e9,
      waitedShare: (loader.waitedMs - this.#window.waitedMs) / elapsedMs,
      secLeft: ((steps - step) * batch) / imagesPerSec,
    };
    const cost: Cost = await meter.read();
    await this.#run.log({ kind: "step", ...progress, ...cost, tensors: tf.memory().numTensors });
    this.#on.event?.({ kind: "step", ...progress });
    this.#restart(loader);
  }

  async #samples(): Promise<void> {
    const file = await this.#watch.writeSamples(this.#state, this.#trainer.stage);
    await this.#saveNetworks();
    await writeRunPage(this.#run.path);
    this.#on.event?.({ kind: "samples", file });
  }

  async #measure(): Promise<void> {
    const { step } = this.#state;
    const kimg = (step * this.#options.batch) / 1000;
    const watch = await this.#watch.overfitting(this.#state, this.#trainer.stage);
    const quality = await this.#watch.measure(this.#state, this.#trainer.stage);
    await this.#run.log({ kind: "measured", step, kimg, ...quality, ...watch });
    await writeRunPage(this.#run.path);
    this.#on.event?.({ kind: "measured", kimg, quality, watch });
    if (quality.spread! < COLLAPSED_SPREAD) {
      this.#warn(
        `The samples differ only ${(100 * quality.spread!).toFixed(0)}% as much as the reals do: the generator collapses; try a stronger --r1 or --feature-matching 1.`,
      );
    }
    if (watch.overfitting !== null && watch.overfitting > OVERFITTED) {
      this.#warn(
        `The discriminator tells trained reals from held-out ones (${watch.overfitting.toFixed(2)} of the way to fakes): it learns by heart; more data, --augment or a stronger --r1 helps.`,
      );
    }
  }

  #warn(sentence: string): void {
    this.#on.event?.({ kind: "warning", sentence });
  }

  async #saveNetworks(): Promise<void> {
    const { averaged, discriminator, step } = this.#state;
    const { batch, crop, margin } = this.#options;
    const { network } = averaged;
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

/** Whether the last step went past a multiple of `kimg`. */
function crosses(step: number, batch: number, kimg: number): boolean {
  const at = (s: number) => Math.floor((s * batch) / 1000 / kimg);
  return at(step) > at(step - 1);
}
