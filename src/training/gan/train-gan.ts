import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { extractHooksOf } from "../../data/extract-crops.ts";
import { packageRoot, useBackend } from "../../engine/index.ts";
import { RunFolder } from "../run-folder.ts";
import { openFeatureExtractor } from "./feature-extractor.ts";
import { type GanData, networkOf, readGanData, splitCounts } from "./gan-data.ts";
import type { GanHooks } from "./gan-events.ts";
import { type ResolvedGanOptions, resolveGanOptions, type TrainGanOptions } from "./gan-options.ts";
import { GanRun } from "./gan-run.ts";
import { GanState } from "./gan-state.ts";
import { loadInitialWeights } from "./initial-weights.ts";
import { numberedFolder } from "./numbered-folder.ts";
import { countGanOperations, describePlan } from "./plan.ts";

/**
 * Trains a GAN. The run folder has options, statistics, sample grids, charts, report, checkpoint and both networks.
 *
 * An abort saves a checkpoint. `resume` continues from there with the same result, because all random draws depend on seed and
 * step only.
 *
 * @returns the folder of the run, and whether it is finished; with `dryRun` the plan, and nothing is written
 * @throws TelltaleError `DATA_INVALID`, `RUN_INVALID`, `BACKEND_UNAVAILABLE`, `LOSS_NOT_FINITE`
 */
export async function trainGan(
  given: TrainGanOptions,
  on: GanHooks = {},
): Promise<{ folder: string; isFinished: boolean; plan: string | null }> {
  const options = resolveGanOptions(given);
  const data = await readGanData(given, extractHooksOf(on));
  try {
    const backend = await useBackend(options.backend);
    const network = networkOf(options, data);
    if (options.extractor !== undefined) (await openFeatureExtractor(options.extractor)).dispose();
    const description = `${options.arch}-${options.resolution}`;
    const folder = await numberedFolder(options.out, description, options.resume);
    const resumed = options.resume ? await readResumed(folder) : null;
    // After the first checkpoint the initial weights are not needed any more.
    const initial =
      given.from === undefined || resumed?.hasCheckpoint === true
        ? null
        : await loadInitialWeights(given.from, network, options);
    if (options.dryRun) {
      const state = await GanState.start(network, options, null, initial);
      const operations = await countGanOperations(state, options);
      const plan = describePlan(state, options, { split: splitCounts(data), operations });
      state.dispose();
      return { folder: options.out, isFinished: false, plan };
    }
    const from = initial ? { kimg: initial.kimg, sha256: initial.sha256 } : resumed?.from;
    const run = await RunFolder.open(folder, await recordedOptions(options, data, from), options.resume, {
      mayChange: options.retune ? TUNABLE : [],
      free: FREE,
    });
    const state = await GanState.start(network, options, run, initial);
    if (Object.keys(run.changes).length > 0) {
      await run.log({ kind: "retuned", step: state.step, changes: run.changes });
    }
    on.event?.({ kind: "split", counts: splitCounts(data) });
    on.event?.({ kind: "started", backend: `${backend.name} (${backend.detail})`, folder, step: state.step });
    const session = new GanRun(state, data, options, run, on);
    try {
      return { folder, isFinished: await session.train(), plan: null };
    } finally {
      session.dispose();
    }
  } finally {
    await data.store.close();
  }
}

/** Options that `retune` may change. */
const TUNABLE: readonly (keyof ResolvedGanOptions)[] = [
  ...(["gLearningRate", "dLearningRate", "schedule", "r1", "r1Every"] as const),
  ...(["augment", "featureMatching", "labelSmoothing", "clipNorm"] as const),
];

/** Options that do not affect the result of a step: paths, length and measurements. */
const FREE: readonly string[] = [
  ...(["dataPath", "out", "cache", "kimg", "backend", "threads", "tool", "extractor", "watts"] as const),
  ...(["saveKimg", "sampleKimg", "evalKimg", "evalSamples"] as const),
];

/** The content of options.json: all options with their defaults. */
async function recordedOptions(options: ResolvedGanOptions, data: GanData, from: unknown): Promise<object> {
  const { resume: _r, retune: _t, dryRun: _d, from: _f, data: dataPath, ...rest } = options;
  const { version } = JSON.parse(await readFile(join(packageRoot, "package.json"), "utf8"));
  return {
    tool: { name: "telltale", version },
    data: { sha256: data.sha256, pictures: data.store.pictures.length, sources: data.sources },
    ...(from !== undefined && { from }),
    dataPath,
    ...rest,
  };
}

/** Initial weights of a run that is resumed, and whether it has a checkpoint. */
async function readResumed(folder: string): Promise<{ from: unknown; hasCheckpoint: boolean }> {
  const text = await readFile(join(folder, "options.json"), "utf8").catch(() => "{}");
  return { from: JSON.parse(text).from, hasCheckpoint: existsSync(join(folder, "checkpoint.json")) };
}
