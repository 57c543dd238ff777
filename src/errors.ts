/** How programs treat an error code. */
interface ErrorMeaning {
  /** `file`: skip this file. `run`: stop, other files would fail too. `request`: the server answers with it. */
  readonly concerns: "file" | "run" | "request";
  /** The file is neither a video nor a picture. */
  readonly isNotMedia?: true;
  /** A later run may succeed. */
  readonly isTransient?: true;
  /** An immediate retry, here or on another machine, may succeed. */
  readonly isRetried?: true;
  /** HTTP status; default 422. */
  readonly status?: number;
}

/** All codes of {@link TelltaleError}. */
export const errorCodes = {
  // media
  FILE_MISSING: { concerns: "file", isTransient: true, isRetried: true },
  FILE_EMPTY: { concerns: "file", isNotMedia: true },
  FILE_UNREADABLE: { concerns: "file", isTransient: true, isRetried: true },
  IS_DIRECTORY: { concerns: "file", isNotMedia: true },
  FILE_CHANGED: { concerns: "run", isTransient: true },
  NOT_MEDIA: { concerns: "file", isNotMedia: true },
  NO_VIDEO: { concerns: "file", isNotMedia: true },
  UNSUPPORTED_CONTAINER: { concerns: "file" },
  MEDIA_TOO_LARGE: { concerns: "file" },
  DECODE_FAILED: { concerns: "file" },
  DECODE_TIMEOUT: { concerns: "file", isTransient: true },
  ENCODE_FAILED: { concerns: "file" },
  FFMPEG_MISSING: { concerns: "run" },
  // engine and models
  BACKEND_UNAVAILABLE: { concerns: "run" },
  MODEL_MISSING: { concerns: "run" },
  MODEL_INVALID: { concerns: "run" },
  MODEL_MISMATCH: { concerns: "run" },
  WORKER_FAILED: { concerns: "file", isTransient: true, isRetried: true },
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

/** Stable; callers branch on the code, not on the message. */
export type ErrorCode = keyof typeof errorCodes;

/** How to treat an error code. @param code an unknown code concerns the file */
export function meaningOf(code: string): ErrorMeaning {
  return (errorCodes as Record<string, ErrorMeaning>)[code] ?? { concerns: "file" };
}

/**
 * An error with a stable `code` for programs and a message for people: what was expected, what was received, what to do.
 */
export class TelltaleError extends Error {
  override readonly name = "TelltaleError";
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
