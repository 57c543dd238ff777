/** Every code that a {@link TelltaleError} can carry; callers branch on these, never on the sentence. */
export type ErrorCode =
  // media
  | "FILE_MISSING"
  | "FILE_EMPTY"
  | "FILE_UNREADABLE"
  | "IS_DIRECTORY"
  | "FILE_CHANGED"
  | "NOT_MEDIA"
  | "NO_VIDEO"
  | "UNSUPPORTED_CONTAINER"
  | "MEDIA_TOO_LARGE"
  | "DECODE_FAILED"
  | "DECODE_TIMEOUT"
  | "ENCODE_FAILED"
  | "FFMPEG_MISSING"
  // engine and models
  | "BACKEND_UNAVAILABLE"
  | "MODEL_MISSING"
  | "MODEL_INVALID"
  | "MODEL_MISMATCH"
  | "WORKER_FAILED"
  // training
  | "DATA_INVALID"
  | "RUN_INVALID"
  | "LOSS_NOT_FINITE"
  | "MODEL_COLLAPSED"
  // server
  | "HOST_UNKNOWN"
  | "JOB_CANCELLED"
  | "JOB_MISSING"
  | "JOB_TIMEOUT"
  | "MEDIA_TOO_LONG"
  | "NOT_FOUND"
  | "ORIGIN_FOREIGN"
  | "QUEUE_FULL"
  | "REQUEST_INVALID"
  | "SERVER_STOPPING"
  | "TOKEN_WRONG"
  | "TOO_MANY_JOBS"
  | "TOO_MANY_LISTENERS"
  | "UPLOAD_INVALID"
  | "UPLOAD_STALLED"
  | "UPLOAD_TOO_LARGE"
  // audits
  | "AUDIT_INVALID"
  | "AUDIT_LOCKED"
  | "QUEUE_UNAVAILABLE"
  // use
  | "USAGE"
  | "OUTPUT_UNWRITABLE"
  | "ABORTED";

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
