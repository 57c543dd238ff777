import type { DataItem } from "../data/data-index.ts";
import type { Detector } from "../detection/detect.ts";
import type { Perturbation, PerturbationResult } from "../detection/score-perturbed.ts";
import { codeOf, type EvaluatedFile, evaluatedFile, evaluateFile, idOf } from "./evaluated-file.ts";
import { mapConcurrent } from "./map-concurrent.ts";
import type { ResultCache } from "./result-cache.ts";

/** Options of a pass over files. */
export interface PassCall {
  readonly store: ResultCache;
  readonly signal?: AbortSignal | undefined;
  readonly onDone?: ((done: number, total: number) => void) | undefined;
}

/** Result for a perturbed file; all null if it could not be made or analysed. */
export type CopyResult = Pick<EvaluatedFile, "authenticity" | "verdict" | "reason" | "error">;

/** Runs the detector on all files. @returns results in the order of the items */
export function measureFiles(
  detector: Detector,
  items: readonly DataItem[],
  { store, signal, onDone }: PassCall,
): Promise<EvaluatedFile[]> {
  return mapConcurrent(
    items,
    concurrencyOf(detector),
    async (item) => {
      const measure = () => evaluateFile(detector, item, signal);
      return evaluatedFile(item, await store.get("as-is", idOf(item), measure, isSound));
    },
    (done) => onDone?.(done, items.length),
  );
}

/**
 * Runs the detector on perturbed copies of all files.
 *
 * @param changesFor the perturbations of an item
 * @returns results by name of the perturbation, in the order of the items
 */
export function measureCopies(
  detector: Detector,
  items: readonly DataItem[],
  changesFor: (item: DataItem) => readonly Perturbation[],
  { store, signal, onDone }: PassCall,
): Promise<Map<string, CopyResult>[]> {
  return mapConcurrent(
    items,
    concurrencyOf(detector),
    async (item) => {
      const changes = changesFor(item);
      // All perturbations of a file are scored together, because it is decoded once.
      const scoreAll = once(() => scorePerturbed(detector, item, changes, signal));
      const results = new Map<string, CopyResult>();
      for (const { name } of changes) {
        const scoreOne = async () => (await scoreAll()).get(name)!;
        results.set(name, await store.get(name, idOf(item), scoreOne, isSound));
      }
      return results;
    },
    (done) => onDone?.(done, items.length),
  );
}

async function scorePerturbed(
  detector: Detector,
  { path, crop }: DataItem,
  changes: readonly Perturbation[],
  signal: AbortSignal | undefined,
): Promise<Map<string, CopyResult>> {
  const filter = crop === "" ? undefined : crop;
  try {
    const copies = await detector.scorePerturbed(path, changes, { filter, signal });
    return new Map(copies.map((copy) => [copy.name, resultOf(copy)]));
  } catch (error) {
    const failed = { authenticity: null, verdict: null, reason: null, error: codeOf(error, signal) };
    return new Map(changes.map(({ name }) => [name, failed]));
  }
}

function resultOf({ decision, error }: PerturbationResult): CopyResult {
  if (decision === null) return { authenticity: null, verdict: null, reason: null, error };
  const { authenticity, verdict, reason } = decision;
  return { authenticity, verdict, reason, error: null };
}

// A still image uses one worker only, so several files are analysed at once.
function concurrencyOf(detector: Detector): number {
  return detector.options.workers + 1;
}

function isSound({ error }: { readonly error: string | null }): boolean {
  return error === null;
}

function once<Result>(compute: () => Promise<Result>): () => Promise<Result> {
  let result: Promise<Result> | undefined;
  return () => {
    result ??= compute();
    return result;
  };
}
