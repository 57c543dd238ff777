import type { Finding } from "./entry.ts";

/** One content to judge: everything that a process on this or another machine needs to know. */
export interface JudgeTask {
  /** Names the task; the same for the same content in the same audit. */
  readonly id: string;
  /** The audited folder: a path, or an address that begins with http. */
  readonly folder: string;
  /** The file's path below it, as bytes in base64. */
  readonly pathBase64: string;
  /** The file's path for people. */
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
  /** The weights that are to judge. */
  readonly modelSha256: string;
  readonly frames: number | null;
  readonly fps: number | null;
  readonly stability: boolean;
  /** Whether what the file says of its origin is read. */
  readonly provenance: boolean;
  /** Certificates of trusted signers in PEM; null where none are given. */
  readonly trustAnchors: string | null;
  /** Whether reports keep the path of the model's folder. */
  readonly paths: boolean;
  /** Whether the folder's options ask for a page about a file with such an outcome. */
  readonly reports: "all" | "flagged" | "none";
}

/** What came of a task. */
export interface Judgement {
  readonly finding: Finding;
  /** The file's report as a page and as JSON; null where none was asked for. */
  readonly report: { readonly html: string; readonly json: string } | null;
  /** A small JPEG in base64; null for what is no media. */
  readonly thumbnailBase64: string | null;
}

export interface JudgeCall {
  readonly signal: AbortSignal;
  /** @param done frames judged so far */
  readonly onProgress?: ((done: number, total: number | null) => void) | undefined;
}

/** Judges contents: in processes beside this one, or on other machines. */
export interface Judge {
  /** Tasks that it is worth handing in at once. */
  readonly window: number;
  /**
   * Never rejects for a file that cannot be judged: the finding says why.
   *
   * @throws TelltaleError `ABORTED`, or what keeps every file from being judged, e.g. `MODEL_INVALID`
   */
  judge(task: JudgeTask, call: JudgeCall): Promise<Judgement>;
  close(): Promise<void>;
}

/** A judgement of a file that could not be looked at. */
export function failedJudgement(finding: Finding): Judgement {
  return { finding, report: null, thumbnailBase64: null };
}
