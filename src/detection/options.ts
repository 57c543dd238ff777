import { z } from "zod";

/** Frames that are looked at when nothing else is asked for; what peers use for a verdict on one video. */
const DEFAULT_FRAMES = 32;

/** Options of `detect`: the one source of their defaults, ranges and descriptions; flags and docs come from it. */
export const detectOptionsSchema = z
  .strictObject({
    frames: z
      .number()
      .int()
      .min(1)
      .max(100_000)
      .optional()
      .describe("Frames to look at, spread evenly over a video.")
      .meta({ default: DEFAULT_FRAMES, placeholder: "N" }),
    fps: z
      .number()
      .positive()
      .max(240)
      .optional()
      .describe("Frames to look at per second of video, instead of a fixed number.")
      .meta({ placeholder: "N" }),
    model: z
      .string()
      .min(1)
      .optional()
      .describe("Folder of the model to use; the one that comes with telltale when left out.")
      .meta({ placeholder: "DIR" }),
    backend: z
      .enum(["auto", "tensorflow", "wasm", "cpu"])
      .default("auto")
      .describe("What computes: native TensorFlow, WebAssembly or plain JavaScript; auto takes the fastest.")
      .meta({ placeholder: "B" }),
    workers: z
      .number()
      .int()
      .min(1)
      .max(64)
      .optional()
      .describe(
        "Threads that score frames at most; one a core but one when left out, and no more than free memory holds.",
      )
      .meta({ placeholder: "N" }),
    stability: z
      .boolean()
      .default(false)
      .describe(
        "Judge each file also as JPEG 40, at half size and as H.264 CRF 35; up to four times as long.",
      ),
    provenance: z
      .boolean()
      .default(true)
      .describe(
        "Whether what files say of their origin (C2PA manifests, metadata) is read; --no-provenance leaves it out.",
      ),
    trustAnchors: z
      .string()
      .min(1)
      .optional()
      .describe(
        "Certificates of trusted C2PA signers or their issuers, a PEM file; no signer is trusted when left out.",
      )
      .meta({ placeholder: "FILE" }),
  })
  .refine((options) => options.frames === undefined || options.fps === undefined, {
    message: "Expected frames or fps but received both; leave one out.",
  });

/** What a caller may ask of `detect`; everything may be left out. */
export type DetectOptions = z.input<typeof detectOptionsSchema>;

/** {@link DetectOptions} with every choice made, as a report records them. */
export interface ResolvedDetectOptions {
  /** Null when `fps` decides. */
  readonly frames: number | null;
  /** Null when `frames` decides. */
  readonly fps: number | null;
  /** Folder that the model was read from. */
  readonly model: string;
  /** As asked for; the report's `backend` says what came of it. */
  readonly backend: "auto" | "tensorflow" | "wasm" | "cpu";
  readonly workers: number;
  /** Whether the verdict was tried on degraded copies. */
  readonly stability?: boolean;
  /** Whether what files say of their origin was read. */
  readonly provenance?: boolean;
}

/** How many frames, or how often, once defaults are filled in; exactly one of the two is not null. */
export function resolveSampling(options: Pick<DetectOptions, "frames" | "fps">): {
  frames: number | null;
  fps: number | null;
} {
  if (options.fps !== undefined) return { frames: null, fps: options.fps };
  return { frames: options.frames ?? DEFAULT_FRAMES, fps: null };
}
