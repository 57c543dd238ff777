import type { DataItem } from "../data/data-index.ts";
import type { Detector } from "../detection/detect.ts";
import { type ErrorCode, TelltaleError } from "../errors.ts";
import type { BoxPx } from "../faces/index.ts";
import type { Scored } from "../statistics/metrics.ts";
import type { Detection } from "../types/detection.ts";

/** A scored face of the deciding track. */
export interface EvaluatedFace {
  /** Index of the sampled frame. */
  readonly index: number;
  readonly authenticity: number;
  readonly box: BoxPx;
}

/** Result of the detector for one file. */
export interface FileResult {
  /** Authenticity of the file; null without one. */
  readonly authenticity: number | null;
  readonly verdict: Detection["verdict"] | null;
  readonly reason: string | null;
  readonly faces: readonly EvaluatedFace[];
  /** Error code if the file could not be analysed, else null. */
  readonly error: string | null;
  /** Null if the file could not be analysed. */
  readonly kind: Detection["file"]["kind"] | null;
}

/** Labels and result of one row. */
export interface EvaluatedFile extends FileResult {
  readonly file: string;
  readonly crop: string;
  readonly source: string;
  readonly generator: string;
  readonly group: string;
  readonly attributes: string;
  readonly isReal: boolean;
}

/** Combines a row of the index with its result. */
export function evaluatedFile(item: DataItem, result: FileResult): EvaluatedFile {
  const { file, crop, source, generator, group, attributes } = item;
  return { file, crop, source, generator, group, attributes, isReal: item.label === "real", ...result };
}

/** Unique name of a row. */
export function idOf({ file, crop }: Pick<DataItem, "file" | "crop">): string {
  return crop === "" ? file : `${file} ${crop}`;
}

/** Group of a row, unique over all sources; the unit of the bootstrap. */
export function groupOf({ source, group }: Pick<DataItem, "source" | "group">): string {
  return `${source}/${group}`;
}

/** The authenticities of files, without files that have none. */
export function fileScores<File extends Pick<EvaluatedFile, "authenticity" | "isReal">>(
  files: readonly File[],
): (Scored & { readonly file: File })[] {
  return files.flatMap((file) =>
    file.authenticity === null ? [] : [{ score: file.authenticity, isReal: file.isReal, file }],
  );
}

/**
 * Runs the detector on one row. A file that cannot be analysed gives a result with the error code.
 *
 * @throws TelltaleError `ABORTED`, and errors that are not caused by the file
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
 * The code of an error that is caused by a file.
 *
 * @throws the error itself for an abort, a dead worker or a bug
 */
export function codeOf(error: unknown, signal: AbortSignal | undefined): ErrorCode {
  const isCausedByFile =
    error instanceof TelltaleError && error.code !== "WORKER_FAILED" && error.code !== "ABORTED";
  if (signal?.aborted === true || !isCausedByFile) throw error;
  return error.code;
}
