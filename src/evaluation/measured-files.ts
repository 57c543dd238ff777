import type { DataItem } from "../data/data-index.ts";
import type { Detector } from "../detection/detect.ts";
import type { Perturbation, PerturbationResult } from "../detection/score-perturbed.ts";
import { codeOf, type EvaluatedFile, evaluatedFile, evaluateFile, idOf } from "./evaluated-file.ts";
import { inLanes } from "./lanes.ts";
import type { ResultStore } from "./result-store.ts";

/** What a pass over files needs. */
export interface PassCall {
  readonly store: ResultStore;
  readonly signal?: AbortSignal | undefined;
  readonly onDone?: ((done: number, total: number) => void) | undefined;
}

/** The verdict on a changed copy of a file; all null where the copy could not be made or looked at. */
export type CopyResult = Pick<EvaluatedFile, "authenticity" | "verdict" | "reason" | "error">;

/** Every file as a user would have it looked at, in the order of the items. */
export function measureFiles(
  detector: Detector,
  items: readonly DataItem[],
  { store, signal, onDone }: PassCall,
): Promise<EvaluatedFile[]> {
  return inLanes(
    items,
    lanesFor(detector),
    async (item) => {
      const measure = () => evaluateFile(detector, item, signal);
      return evaluatedFile(item, await store.get("as-is", idOf(item), measure, isSound));
    },
    (done) => onDone?.(done, items.length),
  );
}

/**
 * Changed copies of every file, in the order of the items: results by the name of the change.
 *
 * @param changesFor the changes of one item
 */
export function measureCopies(
  detector: Detector,
  items: readonly DataItem[],
  changesFor: (item: DataItem) => readonly Perturbation[],
  { store, signal, onDone }: PassCall,
): Promise<Map<string, CopyResult>[]> {
  return inLanes(
    items,
    lanesFor(detector),
    async (item) => {
      const changes = changesFor(item);
      // All changes of a file are judged together, since it is decoded once for them.
      const judge = once(() => scorePerturbed(detector, item, changes, signal));
      const results = new Map<string, CopyResult>();
      for (const { name } of changes) {
        const judgeOne = async () => (await judge()).get(name)!;
        results.set(name, await store.get(name, idOf(item), judgeOne, isSound));
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

// A still image leaves all but one worker idle, so several files are under way at once.
function lanesFor(detector: Detector): number {
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
