import { availableParallelism } from "node:os";
import { basename, dirname, join } from "node:path";
import { type DataItem, indexSha256 } from "../data/data-index.ts";
import type { Detector } from "../detection/detect.ts";
import { FINDER_VERSION } from "../faces/index.ts";
import { type ModelThresholds, readTrainedOn } from "../networks/index.ts";
import { EVALUATION_SCHEMA, type EvaluationDocument } from "../types/evaluation.ts";
import { summarizeAttributes } from "./attributes.ts";
import { codeOf, type EvaluatedFile, idOf } from "./evaluated-file.ts";
import { type CropModel, cropMiddleFace, openCropModel, scoreCrops } from "./face-crops.ts";
import { readTraits } from "./file-traits.ts";
import { mapConcurrent } from "./map-concurrent.ts";
import { measureAttack } from "./measure-attack.ts";
import { measureCopies, measureFiles } from "./measure-files.ts";
import type { EvaluateOptions } from "./options.ts";
import { normalizingPerturbation, robustnessPerturbations } from "./perturbations.ts";
import { ResultCache } from "./result-cache.ts";
import { summarizeRobustness } from "./robustness.ts";
import { limitItems, type SelectedItems, selectItems } from "./select-items.ts";
import { summarizeShortcuts } from "./shortcuts.ts";
import { summarize } from "./summary.ts";

/** Progress events of an evaluation. */
export type EvaluationEvent =
  | { readonly kind: "chosen"; readonly files: number; readonly leftOut: SelectedItems["leftOut"] }
  | { readonly kind: "files"; readonly pass: string; readonly done: number; readonly total: number }
  | { readonly kind: "reused"; readonly results: number };

export interface EvaluateCall {
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: EvaluationEvent) => void) | undefined;
}

/** Result of an evaluation. */
export interface EvaluationResult {
  readonly document: Omit<EvaluationDocument, "tool" | "command">;
  readonly files: readonly EvaluatedFile[];
}

/** Shared state of the parts of an evaluation. */
interface Session {
  readonly options: EvaluateOptions;
  readonly detector: Detector;
  readonly store: ResultCache;
  /** All selected rows, and the results of the detector. */
  readonly items: readonly DataItem[];
  readonly files: readonly EvaluatedFile[];
  readonly call: EvaluateCall;
}

/**
 * Runs the detector over a labelled index and measures the requested parts.
 *
 * With `out`, results are cached in its folder `results/`: a second call resumes an interrupted one, and can add parts without
 * analysing the files again.
 *
 * @throws TelltaleError `DATA_INVALID` if the index is invalid or no row is left, `ABORTED`
 */
export async function evaluate(
  detector: Detector,
  options: EvaluateOptions,
  call: EvaluateCall = {},
): Promise<EvaluationResult> {
  const { manifest } = detector;
  const trainedOn = new Set(manifest.trainedOn);
  const { items, leftOut } = await selectItems(options.data, {
    isTrainedOn: await readTrainedOn(detector.options.model),
    ...{ includeTrainedOn: options.includeTrainedOn, source: options.source, signal: call.signal },
  });
  call.onEvent?.({ kind: "chosen", files: items.length, leftOut });
  const store = openCache(options, detector);
  const files = await measureFiles(detector, items, passCall("files", store, call));
  const session: Session = { options, detector, store, items, files, call };
  const { frames, fps } = detector.options;
  const parts = {
    robustness: options.robustness ? await robustness(session) : null,
    ...(await crops(session)),
    attributes: options.groups === undefined ? null : summarizeAttributes(files, options),
  };
  if (store.reused > 0) call.onEvent?.({ kind: "reused", results: store.reused });
  const document = {
    schema: EVALUATION_SCHEMA,
    model: { name: manifest.name, version: manifest.version, sha256: manifest.weights.sha256 },
    thresholds: thresholdsOf(manifest.thresholds.image),
    clipThresholds: thresholdsOf(manifest.thresholds.video),
    data: {
      ...(await identify(options.data)),
      files: items.length,
      leftOut: leftOut && leftOut.files + leftOut.sameGroup,
      includesTrainedOn: options.includeTrainedOn,
    },
    options: { frames, fps, backend: detector.backend.name, seed: options.seed },
    ...summarize(files, { trainedOn, seed: options.seed }),
    ...parts,
  } as const;
  return { document, files };
}

async function robustness(session: Session) {
  const { options, detector, store, call } = session;
  const { items, files } = limited(session);
  const changes = robustnessPerturbations(options.seed);
  const copies = await measureCopies(detector, items, () => changes, passCall("changed copies", store, call));
  return summarizeRobustness(files, copies, options);
}

/** The parts that use face crops instead of files. */
async function crops(session: Session): Promise<Pick<EvaluationDocument, "shortcuts" | "attack">> {
  const { options, detector, call } = session;
  if (!options.shortcuts && !options.attack) return { shortcuts: null, attack: null };
  const { items, files } = limited(session);
  const { manifest } = detector;
  const faceCrops = await mapConcurrent(
    items,
    availableParallelism(),
    async (item, i) => {
      try {
        return await cropMiddleFace(item, files[i]!, {
          manifest,
          sampling: detector.options,
          signal: call.signal,
        });
      } catch (error) {
        codeOf(error, call.signal);
        return null;
      }
    },
    (done) => call.onEvent?.({ kind: "files", pass: "face crops", done, total: items.length }),
  );
  const model = await openCropModel(detector.options.model, detector.options.backend);
  try {
    const faces = files.flatMap((file, i) => (faceCrops[i] ? [{ file, ...faceCrops[i] }] : []));
    const shortcuts = options.shortcuts ? await shortcutsOf(session, model, faces) : null;
    const onDone = (done: number, total: number) =>
      call.onEvent?.({ kind: "files", pass: "attacks", done, total });
    const attack = options.attack
      ? measureAttack(
          model,
          faces.map(({ file, face }) => ({ ...file, face })),
          { ...options, onDone, signal: call.signal },
        )
      : null;
    return { shortcuts, attack };
  } finally {
    model.discriminator.parameters.dispose();
  }
}

async function shortcutsOf(
  session: Session,
  model: CropModel,
  faces: readonly { readonly file: EvaluatedFile; readonly face: Uint8Array; readonly masked: Uint8Array }[],
) {
  const { options, detector, store, call } = session;
  const { items } = limited(session);
  const alike = await measureCopies(
    detector,
    items,
    (item) => [normalizingPerturbation(item.isVideo)],
    passCall("normalised copies", store, call),
  );
  const alikeOf = new Map(items.map((item, i) => [idOf(item), alike[i]!.get("made-alike")!]));
  const [faceLogits, maskedLogits] = (["face", "masked"] as const).map((part) =>
    scoreCrops(
      model,
      faces.map((one) => one[part]),
    ),
  );
  const logitsOf = new Map(
    faces.map(({ file }, i) => [idOf(file), { face: faceLogits![i]!, masked: maskedLogits![i]! }]),
  );
  // Reading metadata is cheap, so all files are used.
  const traits = await mapConcurrent(session.items, availableParallelism(), async (item) => {
    try {
      return await readTraits(item.path, call.signal);
    } catch (error) {
      codeOf(error, call.signal);
      return null;
    }
  });
  const described = session.files.map((file, i) => ({
    ...file,
    traits: traits[i]!,
    logits: logitsOf.get(idOf(file)) ?? null,
    alike: alikeOf.get(idOf(file)) ?? null,
  }));
  return summarizeShortcuts(described, options);
}

function thresholdsOf({ forgedBelow, authenticAbove }: ModelThresholds) {
  return { forgedBelow, authenticAbove };
}

/** The rows of the expensive parts. */
function limited({ items, files, options }: Session): { items: DataItem[]; files: EvaluatedFile[] } {
  const chosen = new Set(limitItems(items, options.limit));
  return {
    items: items.filter((item) => chosen.has(item)),
    files: files.filter((_, i) => chosen.has(items[i]!)),
  };
}

/** The cache key has everything that results depend on: weights, calibration, thresholds, sampling and versions. */
function openCache({ out, seed }: EvaluateOptions, { manifest, options, backend }: Detector): ResultCache {
  const { weights, calibration, thresholds, crop, minFacePx } = manifest;
  const { frames, fps } = options;
  const model = [weights.sha256, calibration, thresholds, crop, minFacePx];
  const identity = [model, frames, fps, seed, backend.name, FINDER_VERSION, EVALUATION_SCHEMA];
  return new ResultCache(out === undefined ? null : join(out, "results"), identity);
}

function passCall(pass: string, store: ResultCache, { signal, onEvent }: EvaluateCall) {
  const onDone = (done: number, total: number) => onEvent?.({ kind: "files", pass, done, total });
  return { store, signal, onDone };
}

/** Identifies an index without its full path. */
async function identify(indexPath: string): Promise<{ name: string; sha256: string }> {
  const name = join(basename(dirname(indexPath)), basename(indexPath));
  return { name, sha256: await indexSha256(indexPath) };
}
