import { join } from "node:path";
import type { ExtractEvent } from "../../data/extract-crops.ts";
import { fastestPrecision, tf, withPrecision } from "../../engine/index.ts";
import { TelltaleError } from "../../errors.ts";
import { saveManipulationModel } from "../../networks/index.ts";
import type { SplitCounts } from "../gan/split-counts.ts";
import { type PictureGrid, writeGrid } from "../picture-grid.ts";
import type { RunFolder } from "../run-folder.ts";
import type { ManipulationOptions } from "./manipulation-options.ts";
import { writeManipulationReport } from "./manipulation-report.ts";
import type { ManipulationState } from "./manipulation-state.ts";

/** Progress events of a run. */
export type ManipulationEvent =
  | ExtractEvent
  | { readonly kind: "split"; readonly of: string; readonly counts: SplitCounts }
  | { readonly kind: "started"; readonly backend: string; readonly folder: string; readonly step: number }
  | {
      readonly kind: "step";
      readonly step: number;
      readonly means: Readonly<Record<string, number>>;
      readonly imagesPerSec: number;
      readonly secLeft: number;
    }
  | {
      readonly kind: "measured";
      readonly values: Readonly<Record<string, number>>;
      /** False if there are too few faces to hold any out; then training faces are measured. */
      readonly isHeldOut: boolean;
    };

/** Event listener and abort signal of a run. */
export interface ManipulationHooks {
  readonly event?: (event: ManipulationEvent) => void;
  readonly signal?: AbortSignal;
}

/** The parts of a training that depend on the kind of model. */
export interface ManipulationTask {
  /** The data of a step. */
  take(step: number): Promise<Float32Array[]>;
  /** One update. @returns losses by name */
  update(data: readonly Float32Array[], step: number): Record<string, number>;
  /** Sample faces before and after manipulation, held out if there are enough. */
  show(): Promise<PictureGrid>;
  /** Caption of the rows of `show`. */
  readonly rowsOfFaces: string;
  /** Quality metrics on the same faces. */
  measure(): Promise<Record<string, number>>;
  /** Whether `show` and `measure` use faces that are not trained on. */
  readonly isHeldOut: boolean;
  readonly trainedOn: readonly string[];
}

/** Steps between two lines of `stats.jsonl`. */
const LOG_EVERY = 25;
/** Minimum time between two progress events. */
const PROGRESS_EVERY_MS = 5000;

/**
 * Trains until the last step or until the signal is aborted. Saves a checkpoint in both cases; measures after the last step.
 *
 * @returns whether the run is finished
 * @throws TelltaleError `LOSS_NOT_FINITE`
 */
export async function runTrainingLoop(
  task: ManipulationTask,
  state: ManipulationState,
  options: ManipulationOptions,
  run: RunFolder,
  on: ManipulationHooks,
): Promise<boolean> {
  const precision = options.precision === "auto" ? fastestPrecision() : options.precision;
  const save = async () => {
    await state.save(run);
    const about = { steps: state.step, margin: options.margin, trainedOn: [...task.trainedOn] };
    await saveManipulationModel(run.path, state.model, about);
  };
  const writePage = () =>
    writeManipulationReport(run.path, { kind: state.model.network.kind, rowsOfFaces: task.rowsOfFaces });
  const show = async () => {
    const name = `before-after-${String(state.step).padStart(6, "0")}.png`;
    await writeGrid(join(run.path, name), await task.show());
    await writePage();
  };
  let window = { beganMs: performance.now(), step: state.step, sums: {} as Record<string, number> };
  let reportedMs = 0;
  while (state.step < options.steps) {
    if (on.signal?.aborted === true) {
      await save();
      await writePage();
      return false;
    }
    const data = await task.take(state.step);
    const losses = withPrecision(precision, () => task.update(data, state.step));
    const invalid = Object.entries(losses).find(([, value]) => !Number.isFinite(value));
    if (invalid !== undefined) {
      throw new TelltaleError(
        "LOSS_NOT_FINITE",
        `The loss "${invalid[0]}" became ${invalid[1]} at step ${state.step}. The last checkpoint is kept in ${run.path}; start a new run with a lower --learning-rate.`,
      );
    }
    state.step++;
    for (const [name, value] of Object.entries(losses)) window.sums[name] = (window.sums[name] ?? 0) + value;
    const isLast = state.step === options.steps;
    const isLogged = state.step % LOG_EVERY === 0 || isLast;
    if (isLogged || performance.now() - reportedMs > PROGRESS_EVERY_MS) {
      const count = state.step - window.step;
      const imagesPerSec = (1000 * count * options.batch) / (performance.now() - window.beganMs);
      const means = Object.fromEntries(Object.entries(window.sums).map(([name, sum]) => [name, sum / count]));
      const secLeft = ((options.steps - state.step) * options.batch) / imagesPerSec;
      on.event?.({ kind: "step", step: state.step, means, imagesPerSec, secLeft });
      reportedMs = performance.now();
      if (isLogged) {
        const tensors = tf.memory().numTensors;
        await run.log({ kind: "step", step: state.step, ...means, imagesPerSec, tensors });
        window = { beganMs: performance.now(), step: state.step, sums: {} };
      }
    }
    if (state.step % options.saveEvery === 0 || isLast) await save();
    if (state.step % options.sampleEvery === 0 || isLast) await show();
  }
  const values = await task.measure();
  const { isHeldOut } = task;
  await run.logOnce({ kind: "measured", step: state.step, ...values, isHeldOut });
  await writePage();
  on.event?.({ kind: "measured", values, isHeldOut });
  return true;
}
