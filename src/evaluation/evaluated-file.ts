import type { DataItem } from "../data/data-index.ts";
import type { Detector } from "../detection/detect.ts";
import { type ErrorCode, TelltaleError } from "../errors.ts";
import type { BoxPx } from "../faces/index.ts";
import type { Scored } from "../statistics/metrics.ts";
import type { Detection } from "../types/detection.ts";

/** A scored face of the track that decided. */
export interface EvaluatedFace {
  /** Of the frame, among those that were sampled. */
  readonly index: number;
  readonly authenticity: number;
  readonly box: BoxPx;
}

/** What the detector said of one file. */
export interface FileResult {
  /** Of the whole file; null when there was no verdict to give. */
  readonly authenticity: number | null;
  readonly verdict: Detection["verdict"] | null;
  readonly reason: string | null;
  readonly faces: readonly EvaluatedFace[];
  /** Code of the error when the file could not be looked at. */
  readonly error: string | null;
  /** Null when the file could not be looked at. */
  readonly kind: Detection["file"]["kind"] | null;
}

/** What became of one row of the index. */
export interface EvaluatedFile extends FileResult {
  readonly file: string;
  readonly crop: string;
  readonly source: string;
  readonly generator: string;
  readonly group: string;
  readonly attributes: string;
  readonly isReal: boolean;
}

/** A row of the index with what the detector said of it. */
export function evaluatedFile(item: DataItem, result: FileResult): EvaluatedFile {
  const { file, crop, source, generator, group, attributes } = item;
  return { file, crop, source, generator, group, attributes, isReal: item.label === "real", ...result };
}

/** Names a row of the index. */
export function idOf({ file, crop }: Pick<DataItem, "file" | "crop">): string {
  return crop === "" ? file : `${file} ${crop}`;
}

/** Everything that must stay together in a resample. */
export function groupOf({ source, group }: Pick<DataItem, "source" | "group">): string {
  return `${source}/${group}`;
}

/** The authenticities of files; those without one are left out. */
export function fileScores<File extends Pick<EvaluatedFile, "authenticity" | "isReal">>(
  files: readonly File[],
): (Scored & { readonly file: File })[] {
  return files.flatMap((file) =>
    file.authenticity === null ? [] : [{ score: file.authenticity, isReal: file.isReal, file }],
  );
}

/**
 * Runs the detector on one row as a user would; a file that cannot be looked at is a result with its error's code.
 *
 * @throws TelltaleError `ABORTED`, and what is no fault of the file
 */
export async function evaluateFile(
  detector: Detector,
  item: Pick<DataItem, "path" | "crop">,
  signal: AbortSignal | undefined,
): Promise<FileResult> {
  try {
    const filter = item.crop === "" ? undefined : item.crop;
    const detection = await detector.detect(item.path, { filter, signal });
    const faces = detection.frames.flatMap(({ index, faces }) =>
      faces
        .filter((face) => face.track === detection.decidingTrack && face.authenticity !== null)
        .map(({ authenticity, box }) => ({ index, authenticity: authenticity!, box })),
    );
    const { authenticity, verdict, reason } = detection;
    return { authenticity, verdict, reason, faces, error: null, kind: detection.file.kind };
  } catch (error) {
    const nothing = { authenticity: null, verdict: null, reason: null, faces: [], kind: null };
    return { ...nothing, error: codeOf(error, signal) };
  }
}

/**
 * The code of an error that is a file's own.
 *
 * @throws the error itself when it ends the evaluation: an abort, a dead worker, a bug
 */
export function codeOf(error: unknown, signal: AbortSignal | undefined): ErrorCode {
  const isFiles =
    error instanceof TelltaleError && error.code !== "WORKER_FAILED" && error.code !== "ABORTED";
  if (signal?.aborted === true || !isFiles) throw error;
  return error.code;
}
