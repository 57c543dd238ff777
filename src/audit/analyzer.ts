import type { FileResult } from "../types/audit.ts";

/** One file to analyze: all that a process on this or another machine needs to know. */
export interface AnalysisTask {
  /** The same for the same content in the same audit. */
  readonly id: string;
  /** The audited folder: a path or an http(s) URL. */
  readonly folder: string;
  /** The file's path below the folder, bytes in base64. */
  readonly pathBase64: string;
  /** The file's path as text, for reports and error messages. */
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
  /** SHA-256 of the weights to use. */
  readonly modelSha256: string;
  readonly frames: number | null;
  readonly fps: number | null;
  readonly stability: boolean;
  /** Whether to read the file's provenance metadata. */
  readonly provenance: boolean;
  /** PEM certificates of trusted signers; null for none. */
  readonly trustAnchors: string | null;
  /** Whether reports contain the path of the model folder instead of its name. */
  readonly paths: boolean;
  /** Which outcomes get a report page. */
  readonly reports: "all" | "flagged" | "none";
}

/** Output of a task. */
export interface AnalysisOutput {
  readonly result: FileResult;
  /** The file's report; null if none was requested. */
  readonly report: { readonly html: string; readonly json: string } | null;
  /** A small JPEG in base64; null if there is no picture. */
  readonly thumbnailBase64: string | null;
}

export interface AnalysisCall {
  readonly signal: AbortSignal;
  /** @param done frames analyzed so far @param total null if unknown */
  readonly onProgress?: ((done: number, total: number | null) => void) | undefined;
}

/** Analyzes files in child processes or on other machines. */
export interface Analyzer {
  /** Useful number of concurrent calls of `analyze`. */
  readonly maxConcurrent: number;
  /**
   * Resolves for a file that cannot be analyzed, too: the result then holds the error.
   *
   * @throws TelltaleError `ABORTED`, or an error that concerns every file, e.g. `MODEL_INVALID`
   */
  analyze(task: AnalysisTask, call: AnalysisCall): Promise<AnalysisOutput>;
  close(): Promise<void>;
}

/** Output without report and thumbnail. */
export function withoutReport(result: FileResult): AnalysisOutput {
  return { result, report: null, thumbnailBase64: null };
}
