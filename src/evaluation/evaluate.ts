import type { Detector } from "../detection/detect.ts";
import type { Detection } from "../detection/detection.ts";
import { TelltaleError } from "../errors.ts";
import { type DataItem, readDataIndex, splitOf } from "../training/data-index.ts";
import { type Evaluation, summarize } from "./summary.ts";

/** What became of one row of the index. */
export interface EvaluatedFile {
  readonly file: string;
  readonly crop: string;
  readonly source: string;
  readonly generator: string;
  readonly group: string;
  readonly isReal: boolean;
  /** Of the whole file; null when there was no verdict to give. */
  readonly authenticity: number | null;
  readonly verdict: Detection["verdict"] | null;
  readonly reason: string | null;
  /** Authenticity of each scored frame of the deciding track. */
  readonly frames: readonly number[];
  /** Code of the error when the file could not be looked at. */
  readonly error: string | null;
}

/**
 * Runs the detector, as a user would, over a labelled index.
 *
 * Of sources that the model was trained on only the groups of the test split are taken; of others, everything.
 *
 * @throws TelltaleError `DATA_INVALID` when the index is wrong or nothing of it may be used
 */
export async function evaluate(
  detector: Detector,
  options: {
    data: string;
    source?: string | undefined;
    seed: number;
    signal?: AbortSignal;
    onFile?: (progress: { done: number; total: number; file: EvaluatedFile }) => void;
  },
): Promise<{ files: readonly EvaluatedFile[]; evaluation: Evaluation }> {
  const trainedOn = new Set(detector.manifest.trainedOn);
  const items = (await readDataIndex(options.data)).filter(
    (item) =>
      (options.source === undefined || item.source === options.source) &&
      (!trainedOn.has(item.source) || splitOf(item) === "test"),
  );
  if (items.length === 0) {
    throw new TelltaleError(
      "DATA_INVALID",
      `Expected files to evaluate in ${options.data}, but none is left: every row is of another source, or was trained on.`,
    );
  }
  const files: EvaluatedFile[] = [];
  // A still image leaves all but one worker idle, so several files are under way at once.
  const lanes = detector.options.workers + 1;
  const queue = items.entries();
  const results = new Map<number, EvaluatedFile>();
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      for (const [i, item] of queue) {
        const file = await evaluateFile(detector, item, options.signal);
        results.set(i, file);
        options.onFile?.({ done: results.size, total: items.length, file });
      }
    }),
  );
  for (let i = 0; i < items.length; i++) files.push(results.get(i)!);
  return { files, evaluation: summarize(files, { trainedOn, seed: options.seed }) };
}

async function evaluateFile(
  detector: Detector,
  item: DataItem,
  signal: AbortSignal | undefined,
): Promise<EvaluatedFile> {
  const { file, crop, source, generator, group } = item;
  const about = { file, crop, source, generator, group, isReal: item.label === "real" };
  try {
    const filter = crop === "" ? undefined : crop;
    const detection = await detector.detect(item.path, { filter, signal });
    const frames = detection.frames.flatMap((frame) =>
      frame.faces
        .filter((face) => face.track === detection.decidingTrack && face.authenticity !== null)
        .map((face) => face.authenticity!),
    );
    const { authenticity, verdict, reason } = detection;
    return { ...about, authenticity, verdict, reason, frames, error: null };
  } catch (error) {
    if (signal?.aborted === true || !(error instanceof TelltaleError)) throw error;
    return { ...about, authenticity: null, verdict: null, reason: null, frames: [], error: error.code };
  }
}
