import { basename } from "node:path";
import { useBackend } from "../../engine/index.ts";
import { type Discriminator, firstView, isFused, loadModel } from "../../networks/index.ts";
import { type CutHooks, cutHooksOf } from "../cut-files.ts";
import { indexSha256 } from "../data-index.ts";
import { JoinedStores } from "../joined-stores.ts";
import { splitNames } from "../names.ts";
import { prepareFaces } from "../prepare-faces.ts";
import { RunFolder } from "../run-folder.ts";
import { checkSettings } from "./check-settings.ts";
import {
  type DetectorSettings,
  resolveDetectorOptions,
  type TrainDetectorOptions,
} from "./detector-options.ts";
import { writeDetectorPage } from "./detector-page.ts";
import { DetectorTrainer } from "./detector-trainer.ts";
import { type FinishedDetector, finishDetector } from "./finish-detector.ts";
import { fuseViews } from "./fuse-views.ts";
import { describeStart, modelFolder } from "./starting-point.ts";
import { trainAgain } from "./train-again.ts";
import type { TrainingEvent } from "./training-event.ts";
import { type ScoredFace, scoreSplit } from "./validation.ts";

/**
 * Fine-tunes a discriminator on known fakes and self-blends, then calibrates it and writes a model folder.
 *
 * Interrupted by the signal it saves a checkpoint; `resume` goes on as if nothing had been: every draw is a function
 * of seed and step. The weights that went best on the validation faces are kept.
 *
 * @returns the path of the model folder, or null when the signal ended the run before its last step
 * @throws TelltaleError `USAGE`, `DATA_INVALID`, `RUN_INVALID`, `BACKEND_UNAVAILABLE`; `LOSS_NOT_FINITE` names step and loss,
 *   the last checkpoint stays; `MODEL_COLLAPSED`
 */
export async function trainDetector(
  options: TrainDetectorOptions,
  on: { event?: (event: TrainingEvent) => void; signal?: AbortSignal } = {},
): Promise<string | null> {
  const start = await describeStart(options);
  const settings = resolveDetectorOptions(options, start.crop);
  await checkSettings(settings, start);
  const { resume, threads: _t, cache: _c, out: _o, modelVersion: _v, data, ...kept } = settings;
  const indexes = splitNames(data);
  const store = await openFaces(indexes, options.cache, cutHooksOf(on));
  try {
    const backend = await useBackend(options.backend);
    const run = await RunFolder.open(
      options.out,
      { data: await Promise.all(indexes.map(identify)), ...kept },
      resume,
    );
    const trainer = await DetectorTrainer.start(settings, run);
    on.event?.({
      kind: "started",
      backend: `${backend.name} (${backend.detail})`,
      step: trainer.step,
      parameters: trainer.current.parameters.count,
    });
    try {
      const isFinished = await trainer.train(store, on);
      if (!isFinished) return null;
      await trainer.settle();
      if (!(await trainer.complete(store, on))) return null;
      const finished = await finish(trainer, store, settings, on);
      if (finished === null) return null;
      await writeDetectorPage(run.path, store, finished);
      return finished.folder;
    } finally {
      trainer.dispose();
    }
  } finally {
    await store.close();
  }
}

/** Beside a first view where one is asked for; calibrated, trained again where that is asked for, and written. */
async function finish(
  trainer: DetectorTrainer,
  store: JoinedStores,
  settings: DetectorSettings,
  on: { event?: (event: TrainingEvent) => void; signal?: AbortSignal },
): Promise<FinishedDetector | null> {
  const validated = await validate(trainer.averaged, store, settings);
  const { faces, trainedOn } = validated;
  try {
    const last = settings.refit ? await trainAgain(trainer, store, settings, on) : trainer.averaged;
    if (last === null) return null;
    const whole = validated.join(last);
    try {
      return await finishDetector(whole, { store, faces }, settings, trainedOn);
    } finally {
      if (whole !== last) whole.parameters.dispose();
      if (last !== trainer.averaged) last.parameters.dispose();
    }
  } finally {
    validated.dispose();
  }
}

interface Validated {
  /** As the finished network scores them. */
  readonly faces: ScoredFace[];
  /** What was trained, as the whole network or as the part of it that it is. */
  join(trained: Discriminator): Discriminator;
  /** Sources that a first view learnt from. */
  readonly trainedOn: readonly string[];
  dispose(): void;
}

async function validate(
  trained: Discriminator,
  store: JoinedStores,
  settings: DetectorSettings,
): Promise<Validated> {
  const crop = { sizePx: settings.size, margin: settings.margin };
  if (settings.beside === "") {
    const faces = await scoreSplit(trained, store, { split: "validation", crop });
    return { faces, join: (same) => same, trainedOn: [], dispose() {} };
  }
  const { discriminator, manifest } = await loadModel(modelFolder(settings.beside));
  const isPair = isFused(discriminator.architecture);
  const first = isPair ? firstView(discriminator) : discriminator;
  const { join, faces } = await fuseViews(first, trained, { store, crop });
  return {
    ...{ faces, join, trainedOn: manifest.trainedOn },
    dispose() {
      for (const { parameters } of isPair ? [first, discriminator] : [first]) parameters.dispose();
    },
  };
}

async function openFaces(
  indexes: readonly string[],
  cacheFolder: string,
  on: CutHooks,
): Promise<JoinedStores> {
  const stores = [];
  for (const indexPath of indexes) stores.push(await prepareFaces({ indexPath, cacheFolder, on }));
  return new JoinedStores(stores);
}

/** Which data, without where: a run may go on with the same index in another place. */
async function identify(indexPath: string): Promise<{ name: string; sha256: string }> {
  return { name: basename(indexPath), sha256: await indexSha256(indexPath) };
}
