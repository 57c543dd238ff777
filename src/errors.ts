/** What an error of a code means to those that go on with other files or answer a request. */
interface ErrorMeaning {
  /** `file`: the file's own, others go on. `run`: nothing else would go better, the run ends. `request`: of the server. */
  readonly concerns: "file" | "run" | "request";
  /** The file is something else than a video or a picture. */
  readonly isOtherFile?: true;
  /** A later run may find it mended. */
  readonly isPassing?: true;
  /** Another attempt at once, here or on another machine, may mend it. */
  readonly isRetried?: true;
  /** HTTP status; 422 where none is named. */
  readonly status?: number;
}

/** Every code that a {@link TelltaleError} can carry, and what it means. */
export const errorCodes = {
  // media
  FILE_MISSING: { concerns: "file", isPassing: true, isRetried: true },
  FILE_EMPTY: { concerns: "file", isOtherFile: true },
  FILE_UNREADABLE: { concerns: "file", isPassing: true, isRetried: true },
  IS_DIRECTORY: { concerns: "file", isOtherFile: true },
  FILE_CHANGED: { concerns: "run", isPassing: true },
  NOT_MEDIA: { concerns: "file", isOtherFile: true },
  NO_VIDEO: { concerns: "file", isOtherFile: true },
  UNSUPPORTED_CONTAINER: { concerns: "file" },
  MEDIA_TOO_LARGE: { concerns: "file" },
  DECODE_FAILED: { concerns: "file" },
  DECODE_TIMEOUT: { concerns: "file", isPassing: true },
  ENCODE_FAILED: { concerns: "file" },
  FFMPEG_MISSING: { concerns: "run" },
  // engine and models
  BACKEND_UNAVAILABLE: { concerns: "run" },
  MODEL_MISSING: { concerns: "run" },
  MODEL_INVALID: { concerns: "run" },
  MODEL_MISMATCH: { concerns: "run" },
  WORKER_FAILED: { concerns: "file", isPassing: true, isRetried: true },
  // training
  DATA_INVALID: { concerns: "run" },
  RUN_INVALID: { concerns: "run" },
  LOSS_NOT_FINITE: { concerns: "run" },
  MODEL_COLLAPSED: { concerns: "run" },
  // server
  HOST_UNKNOWN: { concerns: "request", status: 421 },
  JOB_CANCELLED: { concerns: "request" },
  JOB_MISSING: { concerns: "request", status: 404 },
  JOB_TIMEOUT: { concerns: "request" },
  MEDIA_TOO_LONG: { concerns: "request" },
  NOT_FOUND: { concerns: "request", status: 404 },
  ORIGIN_FOREIGN: { concerns: "request", status: 403 },
  QUEUE_FULL: { concerns: "request", status: 429 },
  REQUEST_INVALID: { concerns: "request", status: 400 },
  SERVER_STOPPING: { concerns: "request", status: 503 },
  TOKEN_WRONG: { concerns: "request", status: 401 },
  TOO_MANY_JOBS: { concerns: "request", status: 429 },
  TOO_MANY_LISTENERS: { concerns: "request", status: 429 },
  UPLOAD_INVALID: { concerns: "request", status: 400 },
  UPLOAD_STALLED: { concerns: "request", status: 408 },
  UPLOAD_TOO_LARGE: { concerns: "request", status: 413 },
  // audits
  AUDIT_INVALID: { concerns: "run" },
  AUDIT_LOCKED: { concerns: "run" },
  QUEUE_UNAVAILABLE: { concerns: "run" },
  // use
  USAGE: { concerns: "run" },
  OUTPUT_UNWRITABLE: { concerns: "file", status: 507 },
  ABORTED: { concerns: "run" },
} as const satisfies Record<string, ErrorMeaning>;

/** Callers branch on these, never on the sentence. */
export type ErrorCode = keyof typeof errorCodes;

/** What a code means. @param code that of a report too, which may be none of ours */
export function meaningOf(code: string): ErrorMeaning {
  return (errorCodes as Record<string, ErrorMeaning>)[code] ?? { concerns: "file" };
}

/**
 * An error whose message is one sentence for a person: what was expected, what came, what to do.
 *
 * `code` is stable and made for programs; `cause` holds the underlying error where there is one.
 */
export class TelltaleError extends Error {
  override readonly name = "TelltaleError";
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
