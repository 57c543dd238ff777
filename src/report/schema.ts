import { z } from "zod";

/** Version of the JSON: raised when a field is renamed, removed or changes its meaning; not when one is added. */
export const SCHEMA_VERSION = 1;

const authenticity = z.number().min(0).max(1).describe("1 = authentic, 0 = forged; 4 decimals.");
const seconds = z.number().min(0).describe("Seconds from the start of the video; 3 decimals.");
const count = z.number().int().min(0);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const tool = z.strictObject({ name: z.literal("telltale"), version: z.string() });

const face = z.strictObject({
  track: z.number().int().min(1).describe("Id of the track that the face belongs to."),
  box: z
    .tuple([z.number(), z.number(), z.number(), z.number()])
    .describe("x, y, width, height in pixels of the upright frame; may reach past its edge."),
  authenticity: authenticity.nullable(),
  unscored: z
    .enum(["too-small", "not-finite"])
    .nullable()
    .describe("Why the face has no authenticity; null when it has one."),
});

const frame = z.strictObject({
  index: count.describe("Position in the sample, from 0."),
  timeSec: seconds,
  part: count
    .optional()
    .describe("Which part of the file: 0 is the main one, others are in coverage.parts, from 1."),
  authenticity: authenticity
    .nullable()
    .describe("Lowest authenticity of the frame's faces; null without one."),
  faces: z.array(face),
  error: z.string().nullable().describe("Why the frame could not be scored; null when it could."),
});

const track = z.strictObject({
  id: z.number().int().min(1),
  firstSec: seconds,
  lastSec: seconds,
  frames: count.describe("Sampled frames that show this face."),
  framesScored: count.describe("Of these, those in which it was scored."),
  lasts: z.boolean().describe("Whether it was scored in enough frames to decide the verdict."),
  authenticity: authenticity.nullable(),
  syntheticShare: z
    .number()
    .min(0)
    .max(1)
    .nullable()
    .optional()
    .describe(
      "If the face is fake: probability that it is synthetic (generated whole) rather than manipulated; null if not known.",
    ),
});

const verdict = z.enum(["authentic", "forged", "inconclusive"]);
const reason = z.enum([
  "no-face",
  "face-too-small",
  "too-few-frames",
  "near-threshold",
  "too-compressed",
  "not-fully-analyzed",
  "frames-failed",
  "unstable",
]);

const stability = z.strictObject({
  asIs: z
    .strictObject({ verdict, reason: reason.nullable(), authenticity: authenticity.nullable() })
    .describe("The verdict before the trials."),
  trials: z.array(
    z.strictObject({
      name: z.enum(["jpeg-40", "half-size", "h264-crf-35"]),
      verdict: verdict.nullable().describe("Null when the trial failed."),
      reason: reason.nullable(),
      authenticity: authenticity.nullable(),
      flips: z.boolean().describe("Whether forged became authentic or the other way round."),
      error: z.string().nullable().describe("Why the trial failed; null when it did not."),
    }),
  ),
});

/** The report on a file that was looked at. */
export const fileReportSchema = z
  .strictObject({
    schema: z.literal(SCHEMA_VERSION),
    tool,
    model: z.strictObject({
      name: z.string(),
      version: z.string(),
      sha256,
      misses: z.array(z.string()).optional().describe("What the model is known to miss, as its folder says."),
    }),
    backend: z.strictObject({
      name: z.enum(["tensorflow", "wasm", "cpu"]),
      detail: z.string(),
      passedOver: z.array(z.string()).describe("Why each faster backend was not used."),
    }),
    options: z
      .strictObject({
        frames: z.number().int().nullable().describe("Null when fps decides."),
        fps: z.number().nullable().describe("Null when frames decides."),
        model: z.string(),
        backend: z.enum(["auto", "tensorflow", "wasm", "cpu"]),
        workers: z.number().int(),
        stability: z.boolean().optional().describe("Whether the verdict was tried on degraded copies."),
      })
      .describe("With every default filled in."),
    file: z.strictObject({
      path: z.string(),
      sha256,
      bytes: count,
      kind: z.enum(["video", "image"]),
      durationSec: z.number().nullable().describe("Null for images and where the file does not say."),
      width: count,
      height: count,
      fps: z.number().nullable().describe("Null for images and where the file does not say."),
    }),
    verdict,
    reason: reason.nullable().describe("Why the verdict is inconclusive; null when it is not."),
    authenticity: authenticity
      .nullable()
      .describe("That of the most forged track that lasts; null where no face was scored."),
    decidingTrack: z.number().int().nullable().describe("Id of the track that decided; null without one."),
    threshold: z.strictObject({
      forgedBelow: z.number(),
      authenticAbove: z.number(),
      measuredFpr: z.number().nullable().describe("Share of authentic files that forgedBelow called forged."),
      measuredMissRate: z
        .number()
        .nullable()
        .optional()
        .describe("Share of forged files that were called authentic; null if not measured."),
      measuredOn: z.string().nullable().describe("The data behind both rates."),
    }),
    coverage: z.strictObject({
      framesSampled: count.describe("Frames asked of the file, failed ones included."),
      framesWithFace: count,
      framesScored: count,
      framesFailed: count.describe("Frames that could not be decoded or scored."),
      notAnalyzed: z
        .array(
          z.strictObject({
            what: z.enum(["video-track", "embedded-video", "picture", "end-of-video", "face"]),
            count,
            seconds: z.number().nullable().describe("Of video; null where it has no known length."),
          }),
        )
        .optional()
        .describe("What of the file was not looked at: it keeps a file from authentic."),
      parts: z
        .array(z.enum(["video-track", "embedded-video", "picture"]))
        .optional()
        .describe("What besides the main part was looked at."),
    }),
    frames: z.array(frame),
    tracks: z.array(track),
    warnings: z.array(z.string()).describe("One sentence each."),
    stability: stability
      .nullable()
      .optional()
      .describe("Verdicts on degraded copies; null unless asked for."),
  })
  .meta({ id: "FileReport", title: "A file that was looked at" });

/** The report on a file that could not be looked at. */
export const failureReportSchema = z
  .strictObject({
    schema: z.literal(SCHEMA_VERSION),
    tool,
    file: z.strictObject({ path: z.string() }),
    verdict: z.null(),
    error: z.strictObject({
      code: z.string().describe("Stable, made for programs, e.g. FILE_MISSING."),
      message: z.string().describe("One sentence for people."),
    }),
  })
  .meta({ id: "FailureReport", title: "A file that could not be looked at" });

/** What `telltale detect --json` writes for each file. */
export const reportSchema = z.union([fileReportSchema, failureReportSchema]);

export type FileReport = z.infer<typeof fileReportSchema>;
export type FailureReport = z.infer<typeof failureReportSchema>;
export type Report = z.infer<typeof reportSchema>;
