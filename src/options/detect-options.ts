import { z } from "zod";

/** Common choice for a verdict on one video. */
const DEFAULT_FRAMES = 32;

/** Options of `detect`. Flags and docs are generated from this schema. */
export const detectOptionsSchema = z
  .strictObject({
    frames: z
      .number()
      .int()
      .min(1)
      .max(100_000)
      .optional()
      .describe("Frames to analyze, spread evenly over a video.")
      .meta({ default: DEFAULT_FRAMES, placeholder: "N" }),
    fps: z
      .number()
      .positive()
      .max(240)
      .optional()
      .describe("Frames to analyze per second of video, instead of a fixed number.")
      .meta({ placeholder: "N" }),
    model: z
      .string()
      .min(1)
      .optional()
      .describe("Folder of the model; default: the model of this package.")
      .meta({ placeholder: "DIR" }),
    backend: z
      .enum(["auto", "tensorflow", "wasm", "cpu"])
      .default("auto")
      .describe("Engine: native TensorFlow, WebAssembly or plain JavaScript; auto: the fastest available.")
      .meta({ placeholder: "B" }),
    workers: z
      .number()
      .int()
      .min(1)
      .max(64)
      .optional()
      .describe("Maximum number of scoring threads; default: CPU cores - 1, as far as free memory allows.")
      .meta({ placeholder: "N" }),
    stability: z
      .boolean()
      .default(false)
      .describe(
        "Also analyze each file as JPEG 40, at half size and as H.264 CRF 35; takes up to four times as long.",
      ),
    provenance: z
      .boolean()
      .default(true)
      .describe("Read the provenance of files (C2PA manifests, metadata); disable with --no-provenance."),
    trustAnchors: z
      .string()
      .min(1)
      .optional()
      .describe(
        "PEM file with certificates of trusted C2PA signers or their issuers; default: no signer is trusted.",
      )
      .meta({ placeholder: "FILE" }),
  })
  .refine((options) => options.frames === undefined || options.fps === undefined, {
    message: "Expected frames or fps but received both; omit one.",
  });

/** Options of `detect`; all are optional. */
export type DetectOptions = z.input<typeof detectOptionsSchema>;

/** {@link DetectOptions} with defaults, as a report records them. */
export interface ResolvedDetectOptions {
  /** Null if `fps` is set. */
  readonly frames: number | null;
  /** Null if `frames` is set. */
  readonly fps: number | null;
  /** Folder of the model. */
  readonly model: string;
  /** The requested backend; the report's `backend` is the one in use. */
  readonly backend: "auto" | "tensorflow" | "wasm" | "cpu";
  readonly workers: number;
  /** Whether degraded copies were analyzed. */
  readonly stability?: boolean;
  /** Whether provenance was read. */
  readonly provenance?: boolean;
}

/** `frames` and `fps` with defaults; exactly one of them is not null. */
export function resolveSampling(options: Pick<DetectOptions, "frames" | "fps">): {
  frames: number | null;
  fps: number | null;
} {
  if (options.fps !== undefined) return { frames: null, fps: options.fps };
  return { frames: options.frames ?? DEFAULT_FRAMES, fps: null };
}
