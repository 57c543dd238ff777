import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { useBackend } from "../engine/index.ts";
import { TelltaleError } from "../errors.ts";
import { type Discriminator, restoreDiscriminator, saveModel } from "../networks/index.ts";
import { authenticityOf, chooseThresholds, fitPlatt } from "../statistics/calibration.ts";
import { AdamW } from "./adamw.ts";
import { BatchLoader } from "./batch-loader.ts";
import { BatchPlan } from "./batch-plan.ts";
import type { FaceSource } from "./crop-store.ts";
import type { TrainDetectorOptions } from "./detector-options.ts";
import { averageInto, learningRateAt, trainStep } from "./detector-step.ts";
import { JoinedStores } from "./joined-stores.ts";
import { type PrepareProgress, prepareFaces } from "./prepare-faces.ts";
import { RunFolder } from "./run-folder.ts";
import { loadStartingPoint } from "./starting-point.ts";
import { aucBySource, scoreSplit } from "./validation.ts";

export type TrainingEvent =
  | { readonly kind: "preparing"; readonly progress: PrepareProgress }
  | { readonly kind: "started"; readonly backend: string; readonly step: number; readonly parameters: number }
  | {
      readonly kind: "step";
      readonly step: number;
      readonly loss: number;
      readonly imagesPerSec: number;
      readonly waitedShare: number;
    }
  | { readonly kind: "validated"; readonly step: number; readonly auc: Record<string, number> };

/** Faces of each source and label that are looked at during training; all of them at the end. */
const QUICK_LIMIT = 300;
const LOG_EVERY = 50;
/** Limits for the thresholds that the model ships with. */
const MAX_FPR = 0.01;
const MAX_FNR = 0.1;

/**
 * Fine-tunes a discriminator on known fakes and self-blends, then calibrates it and writes a model folder.
 *
 * Interrupted by the signal it saves a checkpoint; `resume` goes on as if nothing had been: every draw is a function
 * of seed and step.
 *
 * @returns the path of the model folder, or null when the signal ended the run before its last step
 * @throws TelltaleError `DATA_INVALID`, `RUN_INVALID`, `BACKEND_UNAVAILABLE`; `LOSS_NOT_FINITE` names step and loss,
 *   the last checkpoint stays
 */
export async function trainDetector(
  options: TrainDetectorOptions,
  on: { event?: (event: TrainingEvent) => void; signal?: AbortSignal } = {},
): Promise<string | null> {
  const { resume, threads: _t, cache: _c, out: _o, data, ...kept } = options;
  const indexes = splitNames(data);
  const store = await openFaces(indexes, options.cache, (progress) =>
    on.event?.({ kind: "preparing", progress }),
  );
  try {
    const backend = await useBackend(options.backend);
    const run = await RunFolder.open(
      options.out,
      { data: await Promise.all(indexes.map(identify)), ...kept },
      resume,
    );
    const trainer = await Trainer.start(options, run);
    on.event?.({
      kind: "started",
      backend: `${backend.name} (${backend.detail})`,
      step: trainer.step,
      parameters: trainer.current.parameters.count,
    });
    try {
      const isFinished = await trainer.train(store, on);
      return isFinished ? await finish(trainer.averaged, store, options) : null;
    } finally {
      trainer.dispose();
    }
  } finally {
    await store.close();
  }
}

/** `a, b` -> the two names. */
function splitNames(list: string): string[] {
  return list
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
}

async function openFaces(
  indexes: readonly string[],
  cacheFolder: string,
  onProgress: (progress: PrepareProgress) => void,
): Promise<JoinedStores> {
  const stores = [];
  for (const indexPath of indexes) stores.push(await prepareFaces({ indexPath, cacheFolder, onProgress }));
  return new JoinedStores(stores);
}

/** Which data, without where: a run may go on with the same index in another place. */
async function identify(indexPath: string): Promise<{ name: string; sha256: string }> {
  const sha256 = createHash("sha256")
    .update(await readFile(indexPath))
    .digest("hex");
  return { name: basename(indexPath), sha256 };
}

class Trainer {
  step = 0;
  readonly current: Discriminator;
  readonly averaged: Discriminator;
  readonly #optimizer: AdamW;
  readonly #options: TrainDetectorOptions;
  readonly #run: RunFolder;

  private constructor(current: Discriminator, options: TrainDetectorOptions, run: RunFolder) {
    this.current = current;
    this.averaged = restoreDiscriminator(
      current.architecture,
      current.parameters.toFloat32(),
      current.network,
    );
    this.#optimizer = new AdamW(current.parameters, { weightDecay: options.weightDecay });
    this.#options = options;
    this.#run = run;
  }

  static async start(options: TrainDetectorOptions, run: RunFolder): Promise<Trainer> {
    const current = await loadStartingPoint(options.from, { seed: options.seed, sizePx: options.size });
    const trainer = new Trainer(current, options, run);
    const checkpoint = await run.loadCheckpoint();
    if (checkpoint !== null) {
      const [weights, average, first, second] = checkpoint.arrays as [
        Float32Array,
        Float32Array,
        Float32Array,
        Float32Array,
      ];
      trainer.step = checkpoint.state.step;
      trainer.current.parameters.assign(weights);
      trainer.averaged.parameters.assign(average);
      trainer.#optimizer.assign([first, second], checkpoint.state.step);
    }
    return trainer;
  }

  /** @returns false when the signal ended it early */
  async train(
    store: JoinedStores,
    on: { event?: (event: TrainingEvent) => void; signal?: AbortSignal },
  ): Promise<boolean> {
    const { seed, size, margin, batch, threads, steps, exclude } = this.#options;
    const crop = { sizePx: size, margin };
    const plan = new BatchPlan(store.faces, { seed, batchSize: batch, exclude: splitNames(exclude) });
    const loader = await BatchLoader.start({
      storeFolders: store.folders,
      plan,
      seed,
      crop,
      threads,
      ahead: 2 * threads,
    });
    let window = { began: performance.now(), step: this.step, loss: 0, waitedMs: loader.waitedMs };
    try {
      while (this.step < steps) {
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
        if (done % this.#options.saveEvery === 0) await this.#save();
        if (done % this.#options.evalEvery === 0 || done === steps) {
          const faces = await scoreSplit(this.averaged, store, {
            split: "validation",
            crop,
            limit: QUICK_LIMIT,
          });
          const auc = aucBySource(faces);
          await this.#run.log({ step: done, validationAuc: auc });
          on.event?.({ kind: "validated", step: done, auc });
        }
      }
      await this.#save();
      return true;
    } finally {
      await loader.close();
    }
  }

  #update(batch: { faces: Uint8Array; labels: Float32Array }): number {
    const { size, dropout, labelSmoothing, learningRate, warmUp, steps, emaDecay, seed, clipNorm } =
      this.#options;
    const loss = trainStep(this.current, this.#optimizer, batch, {
      size,
      clipNorm,
      dropout,
      labelSmoothing,
      learningRate: learningRateAt(this.step, { peak: learningRate, warmUp, steps }),
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
      this.averaged.parameters,
      this.current.parameters,
      Math.min(emaDecay, this.step / (this.step + 10)),
    );
    return loss;
  }

  async #save(): Promise<void> {
    const arrays = [this.current.parameters, this.averaged.parameters].map((p) => p.toFloat32());
    await this.#run.saveCheckpoint({ step: this.step }, [...arrays, ...this.#optimizer.toFloat32()]);
  }

  dispose(): void {
    this.current.parameters.dispose();
    this.averaged.parameters.dispose();
    this.#optimizer.dispose();
  }
}

/** Calibrates on all validation faces and writes the model. */
async function finish(
  discriminator: Discriminator,
  store: FaceSource,
  options: TrainDetectorOptions,
): Promise<string> {
  const crop = { sizePx: options.size, margin: options.margin };
  const faces = await scoreSplit(discriminator, store, { split: "validation", crop });
  const count = (label: string) => faces.filter((face) => face.label === label).length;
  const weight = { real: 1 / count("real"), fake: 1 / count("fake") };
  const items = faces.map((face) => ({
    logit: face.logit,
    isReal: face.label === "real",
    // Both classes weigh alike: how many fakes the user's media hold is not known.
    weight: weight[face.label] * (faces.length / 2),
  }));
  const calibration = fitPlatt(items);
  const scored = items.map((item) => ({
    score: authenticityOf(item.logit, calibration),
    isReal: item.isReal,
  }));
  const thresholds = chooseThresholds(scored, { maxFpr: MAX_FPR, maxFnr: MAX_FNR });
  const folder = join(options.out, "model");
  await saveModel(folder, discriminator.parameters.toFloat32(), {
    name: "face",
    version: "0.1.0",
    architecture: discriminator.architecture,
    ...(discriminator.network && { network: discriminator.network }),
    crop,
    minFacePx: 48,
    calibration,
    thresholds: {
      ...thresholds,
      measuredOn: `${count("real")} faces from authentic images of groups held out for validation`,
    },
    trainedOn: [...new Set(store.faces.map((face) => face.source))].sort(),
  });
  return folder;
}
