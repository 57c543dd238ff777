import { basename } from "node:path";
import { ConcatDataset } from "../../data/concat-dataset.ts";
import { indexSha256, readDataIndex } from "../../data/data-index.ts";
import { type ExtractHooks, extractHooksOf } from "../../data/extract-crops.ts";
import { prepareFaces } from "../../data/prepare-faces.ts";
import { useBackend } from "../../engine/index.ts";
import { fingerprint } from "../../media/index.ts";
import { writeTrainedOn } from "../../networks/index.ts";
import { parseList } from "../parse-list.ts";
import { RunFolder } from "../run-folder.ts";
import { isTrainedOn } from "./batch-sampler.ts";
import { checkSettings } from "./check-settings.ts";
import {
  type DetectorSettings,
  resolveDetectorOptions,
  type TrainDetectorOptions,
} from "./detector-options.ts";
import { writeDetectorReport } from "./detector-report.ts";
import { DetectorTrainer } from "./detector-trainer.ts";
import { finishDetector } from "./finish-detector.ts";
import { describeInitialModel } from "./initial-model.ts";
import type { TrainingEvent } from "./training-event.ts";
import { scoreSplit } from "./validation.ts";

/**
 * Trains a detector on fakes, self-blends and swaps, then calibrates it and writes a model folder. The model has the weights
 * of the best validation.
 *
 * An abort saves a checkpoint. `resume` continues from there with the same result, because all random draws depend on seed and
 * step only.
 *
 * @returns the path of the model folder; null after an abort
 * @throws TelltaleError `USAGE`, `DATA_INVALID`, `RUN_INVALID`, `BACKEND_UNAVAILABLE`, `LOSS_NOT_FINITE`, `MODEL_COLLAPSED`
 */
export async function trainDetector(
  options: TrainDetectorOptions,
  on: { event?: (event: TrainingEvent) => void; signal?: AbortSignal } = {},
): Promise<string | null> {
  const initial = await describeInitialModel(options.from);
  const settings = resolveDetectorOptions(options, initial.crop);
  await checkSettings(settings, initial);
  const { resume, threads: _t, cache: _c, out: _o, modelVersion: _v, data, ...kept } = settings;
  const indexes = parseList(data);
  const store = await openFaces(indexes, options.cache, extractHooksOf(on));
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
      trainer.restoreBest();
      const crop = { sizePx: settings.size, margin: settings.margin };
      const faces = await scoreSplit(trainer.averaged, store, { split: "validation", crop });
      const finished = await finishDetector(trainer.averaged, { store, faces }, settings);
      await writeTrainedOn(finished.folder, await hashTrainingFiles(indexes, settings));
      await writeDetectorReport(run.path, store, finished);
      return finished.folder;
    } finally {
      trainer.dispose();
    }
  } finally {
    await store.close();
  }
}

async function openFaces(
  indexes: readonly string[],
  cacheFolder: string,
  on: ExtractHooks,
): Promise<ConcatDataset> {
  const stores = [];
  for (const indexPath of indexes) stores.push(await prepareFaces({ indexPath, cacheFolder, on }));
  return new ConcatDataset(stores);
}

/** Identifies an index without its path, so that a run can resume after the data was moved. */
async function identify(indexPath: string): Promise<{ name: string; sha256: string }> {
  return { name: basename(indexPath), sha256: await indexSha256(indexPath) };
}

/** SHA-256 of every training file; unreadable files are skipped. */
async function hashTrainingFiles(
  indexes: readonly string[],
  { exclude, validateOn }: DetectorSettings,
): Promise<string[]> {
  const excluded = new Set([...parseList(exclude), ...parseList(validateOn)]);
  const hashes: string[] = [];
  for (const index of indexes) {
    for (const item of await readDataIndex(index)) {
      if (!isTrainedOn(item, excluded)) continue;
      const file = await fingerprint(item.path).catch(() => null);
      if (file !== null) hashes.push(file.sha256);
    }
  }
  return hashes;
}
