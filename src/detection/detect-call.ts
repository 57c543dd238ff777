import { TelltaleError } from "../errors.ts";
import type { FrameObservation } from "../faces/types.ts";
import type { MediaInfo } from "../media/index.ts";

/** How far a detection has come. */
export interface FrameProgress {
  /** Frames that have been scored, or have failed to be. */
  readonly done: number;
  /** Frames that were asked for; null where the container hides its length. */
  readonly total: number | null;
  readonly frame: FrameObservation;
}

export interface DetectCall {
  /** Aborting stops decoding and scoring; the call then rejects with `ABORTED`. */
  readonly signal?: AbortSignal | undefined;
  /** Called after each frame, in order. */
  readonly onFrame?: ((progress: FrameProgress) => void) | undefined;
  /** Whether to keep pictures and heat maps of the frames, for reports; false when left out. */
  readonly hasEvidence?: boolean | undefined;
  /** ffmpeg filter for the upright picture, e.g. `crop=256:256:0:0`; for evaluation on clips with insets. */
  readonly filter?: string | undefined;
  /** Called with what the file is, before anything of it is decoded; what it throws refuses the file. */
  readonly onMedia?: ((info: MediaInfo) => void) | undefined;
}

/** The signal as ffmpeg's callers take it: left out where there is none. */
export function withSignal(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal ? { signal } : {};
}

export function aborted(cause: unknown): TelltaleError {
  return new TelltaleError("ABORTED", "The detection was aborted.", { cause });
}
