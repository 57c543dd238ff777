import { existsSync } from "node:fs";
import { join } from "node:path";
import type { BackendRequest } from "../engine/index.ts";
import { TelltaleError } from "../errors.ts";
import type { CropStore } from "../training/crop-store.ts";
import { readDataIndex } from "../training/data-index.ts";
import {
  type TrainDetectorOptions,
  trainDetectorOptionsSchema,
} from "../training/detector/detector-options.ts";
import { trainDetector } from "../training/detector/train-detector.ts";
import type { TrainingEvent } from "../training/detector/training-event.ts";
import { type ScoredFace, scoreSplit } from "../training/detector/validation.ts";
import { prepareFaces } from "../training/prepare-faces.ts";
import { groupOf } from "./evaluated-file.ts";
import { openCropModel } from "./face-crops.ts";
import type { LeaveOneOut } from "./schema.ts";
import { aucOf } from "./summary.ts";

/** Name of the run that sees every generator. */
const EVERYTHING = "everything";

/**
 * Trains a short run without each generator and one with all, of the same length, and measures each generator by the run
 * that never saw it and by the one that did, on faces of the test split.
 *
 * Runs lie in folders of `folder`; what was trained already is not trained anew.
 *
 * @throws TelltaleError `DATA_INVALID` when the index has no generator, `ABORTED`, and as `trainDetector`
 */
export async function leaveOneOut(options: {
  readonly data: string;
  readonly folder: string;
  readonly cache: string;
  readonly steps: number;
  readonly seed: number;
  readonly backend: BackendRequest;
  /** What else the runs are trained with; the defaults of `train detector` when left out. */
  readonly training?: Partial<TrainDetectorOptions> | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((run: string, event: TrainingEvent) => void) | undefined;
}): Promise<LeaveOneOut> {
  const items = await readDataIndex(options.data);
  const generators = [
    ...new Set(items.filter((item) => item.label === "fake").map((item) => item.generator)),
  ].sort();
  if (generators.length === 0) {
    throw new TelltaleError(
      "DATA_INVALID",
      `Expected fakes in ${options.data} for --leave-one-out, but every row is labelled real.`,
    );
  }
  const scoresOf = new Map<string, ScoredFace[]>();
  // A run without the only generator has nothing to learn from but self-blends, which training refuses.
  const leftOut = generators.length > 1 ? generators : [];
  for (const run of [EVERYTHING, ...leftOut]) {
    const model = await trainRun(run, options);
    scoresOf.set(run, await scoreRun(model, options));
  }
  const rows = leftOut.map((generator) => {
    const measure = (run: string) => {
      const faces = comparedFaces(scoresOf.get(run)!, generator);
      const scored = faces.map((face) => ({ score: face.logit, isReal: face.label === "real", face }));
      return aucOf(scored, { groupOf: ({ face }) => groupOf(face), seed: options.seed });
    };
    const compared = comparedFaces(scoresOf.get(EVERYTHING)!, generator);
    const count = (label: string) => compared.filter((face) => face.label === label).length;
    return {
      ...{ generator, reals: count("real"), fakes: count("fake") },
      ...{ unseen: measure(generator), seen: measure(EVERYTHING) },
    };
  });
  return { steps: options.steps, rows };
}

/** Trains a run, or what is left of it, and gives its model's folder. */
async function trainRun(run: string, options: Parameters<typeof leaveOneOut>[0]): Promise<string> {
  const out = join(options.folder, run.replace(/[^\w.-]+/g, "_"));
  const { data, cache, steps, seed, backend, signal } = options;
  const trainOptions = trainDetectorOptionsSchema.parse({
    ...{ data, out, cache, steps, seed, backend },
    exclude: run === EVERYTHING ? "" : run,
    // With fewer than 200 steps of warm-up the trunk now and then falls to one answer for all; not looked at on the way.
    ...{
      warmUp: Math.min(200, Math.floor(steps / 2)),
      evalEvery: steps,
      resume: existsSync(join(out, "options.json")),
    },
    ...options.training,
  });
  const folder = await trainDetector(trainOptions, {
    event: (event) => options.onEvent?.(run, event),
    ...(signal ? { signal } : {}),
  });
  if (folder === null) throw new TelltaleError("ABORTED", "The evaluation was aborted.");
  return folder;
}

async function scoreRun(model: string, options: Parameters<typeof leaveOneOut>[0]): Promise<ScoredFace[]> {
  const { discriminator, manifest } = await openCropModel(model, options.backend);
  const store: CropStore = await prepareFaces({ indexPath: options.data, cacheFolder: options.cache });
  try {
    return await scoreSplit(discriminator, store, { split: "test", crop: manifest.crop });
  } finally {
    await store.close();
    discriminator.parameters.dispose();
  }
}

/** The generator's fakes and the reals that belong to them: those of their sources, or all where those have none. */
function comparedFaces(faces: readonly ScoredFace[], generator: string): ScoredFace[] {
  const fakes = faces.filter((face) => face.generator === generator && face.label === "fake");
  const sources = new Set(fakes.map((face) => face.source));
  const reals = faces.filter((face) => face.label === "real");
  const own = reals.filter((face) => sources.has(face.source));
  return [...(own.length > 0 ? own : reals), ...fakes];
}
