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
 * Trains a GAN and leaves a run folder: options, statistics, grids, curves, report, checkpoint, and both networks as
 * `generator.json` and `discriminator.json` with 16-bit weights.
 *
 * Interrupted by the signal it saves a checkpoint; `resume` goes on as if nothing had been: every draw is a function of
 * seed and step.
 *
 * @returns the run's folder, and whether it came to its end; with `dryRun` the plan instead, and nothing is written
 * @throws TelltaleError `DATA_INVALID`, `RUN_INVALID`, `BACKEND_UNAVAILABLE`; `LOSS_NOT_FINITE` names step and loss, the
 *   last checkpoint stays
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
    const begun = options.resume ? await readBegun(folder) : null;
    // Once there is a checkpoint, what it began with is no longer needed, and may be gone.
    const beginning =
      given.from === undefined || begun?.hasCheckpoint === true
        ? null
        : await loadInitialWeights(given.from, network, options);
    if (options.dryRun) {
      const state = await GanState.start(network, options, null, beginning);
      const operations = await countGanOperations(state, options);
      const plan = describePlan(state, options, { split: splitCounts(data), operations });
      state.dispose();
      return { folder: options.out, isFinished: false, plan };
    }
    const from = beginning ? { kimg: beginning.kimg, sha256: beginning.sha256 } : begun?.from;
    const run = await RunFolder.open(folder, await recorded(options, data, from), options.resume, {
      mayChange: options.retune ? RETUNED : [],
      free: FREE,
    });
    const state = await GanState.start(network, options, run, beginning);
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

/** What `retune` may change: how the networks learn, not what they are or see. */
const RETUNED: readonly (keyof ResolvedGanOptions)[] = [
  ...(["gLearningRate", "dLearningRate", "schedule", "r1", "r1Every"] as const),
  ...(["augment", "featureMatching", "labelSmoothing", "clipNorm"] as const),
];

/** What does not decide what is learnt: where things are, how long the run is and how it is watched. */
const FREE: readonly string[] = [
  ...(["dataPath", "out", "cache", "kimg", "backend", "threads", "tool", "extractor", "watts"] as const),
  ...(["saveKimg", "sampleKimg", "evalKimg", "evalSamples"] as const),
];

/** All options of a run, with every default, as options.json has them. */
async function recorded(options: ResolvedGanOptions, data: GanData, from: unknown): Promise<object> {
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

/** What a run that is to be resumed began with, and whether it needs it still. */
async function readBegun(folder: string): Promise<{ from: unknown; hasCheckpoint: boolean }> {
  const text = await readFile(join(folder, "options.json"), "utf8").catch(() => "{}");
  return { from: JSON.parse(text).from, hasCheckpoint: existsSync(join(folder, "checkpoint.json")) };
}
