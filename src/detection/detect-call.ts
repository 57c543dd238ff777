import { TelltaleError } from "../errors.ts";
import type { FrameObservation } from "../faces/types.ts";
import type { MediaInfo } from "../media/index.ts";

/** Progress of a detection. */
export interface FrameProgress {
  /** Frames scored or failed. */
  readonly done: number;
  /** Frames to score; null if the container does not tell its length. */
  readonly total: number | null;
  readonly frame: FrameObservation;
}

export interface DetectCall {
  /** Aborting stops decoding and scoring; the call rejects with `ABORTED`. */
  readonly signal?: AbortSignal | undefined;
  /** Called after each frame, in order. */
  readonly onFrame?: ((progress: FrameProgress) => void) | undefined;
  /** Keep pictures and heat maps of the frames for reports; default false. */
  readonly hasEvidence?: boolean | undefined;
  /** ffmpeg filter for the upright frame, e.g. `crop=256:256:0:0`; for evaluation on clips with insets. */
  readonly filter?: string | undefined;
  /** Called with the file's format before decoding. An error it throws rejects the detection. */
  readonly onMedia?: ((info: MediaInfo) => void) | undefined;
}

/** The signal as an optional property. */
export function withSignal(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal ? { signal } : {};
}

export function aborted(cause: unknown): TelltaleError {
  return new TelltaleError("ABORTED", "The detection was aborted.", { cause });
}
