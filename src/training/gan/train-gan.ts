import { useBackend } from "../../engine/index.ts";
import { cutHooksOf } from "../cut-files.ts";
import { RunFolder } from "../run-folder.ts";
import { type Beginning, loadBeginning } from "./begin-from.ts";
import { type GanData, networkOf, readGanData } from "./gan-data.ts";
import type { GanHooks } from "./gan-events.ts";
import { type ResolvedGanOptions, resolveGanOptions, type TrainGanOptions } from "./gan-options.ts";
import { GanSession } from "./gan-session.ts";
import { GanState } from "./gan-state.ts";
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
  const data = await readGanData(given, cutHooksOf(on));
  try {
    const backend = await useBackend(options.backend);
    const network = networkOf(options, data);
    const beginning = given.from === undefined ? null : await loadBeginning(given.from, network, options);
    if (options.dryRun) {
      const state = await GanState.start(network, options, null, beginning);
      const operations = await countGanOperations(state, options);
      const counts = { pictures: data.train.length, heldOut: data.heldOut.length, operations };
      const plan = describePlan(state, options, counts);
      state.dispose();
      return { folder: options.out, isFinished: false, plan };
    }
    const folder = await numberedFolder(options.out, `${options.arch}-${options.resolution}`);
    const mayChange = options.retune ? RETUNED : [];
    const run = await RunFolder.open(folder, recorded(options, data, beginning), options.resume, mayChange);
    const state = await GanState.start(network, options, run, beginning);
    if (Object.keys(run.changes).length > 0) {
      await run.log({ kind: "retuned", step: state.step, changes: run.changes });
    }
    on.event?.({ kind: "started", backend: `${backend.name} (${backend.detail})`, folder, step: state.step });
    const session = new GanSession(state, data, options, run, on);
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

/** What a resumed run must share with its beginning: all but where things are, how long it is and how it is watched. */
function recorded(options: ResolvedGanOptions, data: GanData, beginning: Beginning | null): object {
  const {
    resume: _r,
    dryRun: _d,
    data: _p,
    out: _o,
    cache: _c,
    threads: _t,
    kimg: _k,
    backend: _b,
    retune: _u,
    from: _f,
    ...rest
  } = options;
  const {
    saveKimg: _s,
    sampleKimg: _g,
    evalKimg: _e,
    evalSamples: _n,
    extractor: _x,
    watts: _w,
    ...kept
  } = rest;
  return {
    data: { sha256: data.sha256, pictures: data.store.pictures.length, sources: data.sources },
    ...(beginning && { from: { kimg: beginning.kimg, sha256: beginning.sha256 } }),
    ...kept,
  };
}
