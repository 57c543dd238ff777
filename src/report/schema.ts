import { z } from "zod";
import { provenanceSchema } from "./provenance-schema.ts";

/** Version of the JSON: raised when a field is renamed, removed or changes its meaning; not when one is added. */
export const SCHEMA_VERSION = 2;

const authenticity = z.number().min(0).max(1).describe("1 = authentic, 0 = forged; 4 decimals.");
const seconds = z.number().min(0).describe("Seconds from the start of the video; 3 decimals.");
const count = z.number().int().min(0);
const sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .describe("SHA-256 in hexadecimal digits.");

const tool = z
  .strictObject({
    name: z.literal("telltale").describe("Always telltale."),
    version: z.string().describe("Version of telltale."),
  })
  .describe("The program that wrote the report.");

const face = z.strictObject({
  track: z.number().int().min(1).describe("Id of the track that the face belongs to."),
  box: z
    .tuple([z.number(), z.number(), z.number(), z.number()])
    .describe("x, y, width, height in pixels of the upright frame; may reach past its edge."),
  authenticity: authenticity
    .nullable()
    .describe("1 = authentic, 0 = forged, 4 decimals; null if not scored."),
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
    .describe("Part of the file: 0 is the main one; 1 and up are those of coverage.parts, in order."),
  authenticity: authenticity
    .nullable()
    .describe("Lowest authenticity of the frame's faces; null without one."),
  faces: z.array(face).describe("Faces that were found in the frame."),
  error: z.string().nullable().describe("Why the frame could not be scored; null when it could."),
});

const track = z.strictObject({
  id: z.number().int().min(1).describe("Number of the track, from 1."),
  firstSec: seconds.describe("Time of the first sampled frame with this face, in seconds."),
  lastSec: seconds.describe("Time of the last sampled frame with this face, in seconds."),
  frames: count.describe("Sampled frames that show this face."),
  framesScored: count.describe("Of these, frames in which it was scored."),
  lasts: z.boolean().describe("Whether it was scored in enough frames to decide the verdict."),
  authenticity: authenticity
    .nullable()
    .describe("Authenticity of the face over all its frames; null if it was never scored."),
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

const verdict = z
  .enum(["authentic", "forged", "inconclusive"])
  .describe("Verdict on the file; the guide to detect defines each.");
const reason = z.enum([
  "no-face",
  "face-too-small",
  "too-few-frames",
  "near-threshold",
  "too-compressed",
  "not-fully-analyzed",
  "frames-failed",
  "unstable",
  "declared",
  "contradicted",
]);

const stability = z.strictObject({
  asIs: z
    .strictObject({
      verdict,
      reason: reason.nullable().describe("Why the verdict is inconclusive; null when it is not."),
      authenticity: authenticity.nullable(),
    })
    .describe("The verdict on the file as it is."),
  trials: z
    .array(
      z.strictObject({
        name: z.enum(["jpeg-40", "half-size", "h264-crf-35"]).describe("How the copy was degraded."),
        verdict: verdict.nullable().describe("Verdict on the copy; null when the trial failed."),
        reason: reason.nullable().describe("Why the verdict is inconclusive; null when it is not."),
        authenticity: authenticity.nullable(),
        flips: z.boolean().describe("Whether forged became authentic or the other way round."),
        error: z.string().nullable().describe("Why the trial failed; null when it did not."),
      }),
    )
    .describe("One trial for each degraded copy."),
});

/** The report on an analyzed file. */
export const fileReportSchema = z
  .strictObject({
    schema: z.literal(SCHEMA_VERSION).describe("Version of this format."),
    tool,
    model: z
      .strictObject({
        name: z.string().describe("Name of the model."),
        version: z.string().describe("Version of the model."),
        sha256: sha256.describe("SHA-256 of the weights."),
        misses: z
          .array(z.string())
          .optional()
          .describe("What the model is known to miss, one sentence each, from its manifest."),
      })
      .describe("The model that scored the faces."),
    backend: z
      .strictObject({
        name: z.enum(["tensorflow", "wasm", "cpu"]).describe("Name of the backend."),
        detail: z.string().describe("Its version, threads or device."),
        passedOver: z.array(z.string()).describe("Why each faster backend was not used."),
      })
      .describe("The TensorFlow.js backend that was used."),
    options: z
      .strictObject({
        frames: z.number().int().nullable().describe("Null when fps decides."),
        fps: z.number().nullable().describe("Null when frames decides."),
        model: z.string().describe("Folder of the model."),
        backend: z.enum(["auto", "tensorflow", "wasm", "cpu"]).describe("The backend that was asked for."),
        workers: z.number().int().describe("Threads that score frames, at most."),
        stability: z.boolean().optional().describe("Whether the verdict was tried on degraded copies."),
        provenance: z.boolean().optional().describe("Whether what the file says of its origin was read."),
      })
      .describe("Options of the run, with every default filled in."),
    file: z
      .strictObject({
        path: z.string().describe("Name of the file, or its path with --paths."),
        sha256: sha256.describe("SHA-256 of the file."),
        bytes: count.describe("Size of the file in bytes."),
        kind: z.enum(["video", "image"]).describe("Kind of the main part."),
        durationSec: z
          .number()
          .nullable()
          .describe("Length in seconds; null for images and where the file does not say."),
        width: count.describe("Width of the upright picture in pixels."),
        height: count.describe("Height of the upright picture in pixels."),
        fps: z
          .number()
          .nullable()
          .describe("Frames per second; null for images and where the file does not say."),
      })
      .describe("The analyzed file."),
    verdict,
    reason: reason
      .nullable()
      .describe(
        "Why the verdict is inconclusive, or declared where it is forged because a valid signature says so; null otherwise.",
      ),
    pixels: z
      .strictObject({
        verdict,
        reason: reason.nullable().describe("Why that verdict is inconclusive; null when it is not."),
      })
      .optional()
      .describe("Verdict of the pixels alone, whatever the file says of itself."),
    provenance: provenanceSchema
      .nullable()
      .optional()
      .describe("What the file says of its origin; null with --no-provenance."),
    authenticity: authenticity
      .nullable()
      .describe("Authenticity of the deciding track; null where no face was scored."),
    decidingTrack: z.number().int().nullable().describe("Id of the track that decided; null without one."),
    threshold: z
      .strictObject({
        forgedBelow: z.number().describe("An authenticity below this is called forged."),
        authenticAbove: z.number().describe("An authenticity above this is called authentic."),
        measuredFpr: z
          .number()
          .nullable()
          .describe("Fraction of real files that were called forged; null if not measured."),
        measuredMissRate: z
          .number()
          .nullable()
          .optional()
          .describe("Fraction of forged files that were called authentic; null if not measured."),
        measuredOn: z.string().nullable().describe("The data behind both rates."),
      })
      .describe("Thresholds that the verdict was made with; videos and pictures have their own."),
    coverage: z
      .strictObject({
        framesSampled: count.describe("Frames asked of the file, failed ones included."),
        framesWithFace: count.describe("Frames in which a face was found."),
        framesScored: count.describe("Frames in which a face was scored."),
        framesFailed: count.describe("Frames that could not be decoded or scored."),
        notAnalyzed: z
          .array(
            z.strictObject({
              what: z
                .enum(["video-track", "embedded-video", "picture", "end-of-video", "face"])
                .describe("Kind of part."),
              count: count.describe("Number of such parts."),
              seconds: z
                .number()
                .nullable()
                .describe("Seconds of video; null where the length is not known."),
            }),
          )
          .optional()
          .describe("Parts that were not analyzed; with one, the verdict is never authentic."),
        parts: z
          .array(z.enum(["video-track", "embedded-video", "picture"]))
          .optional()
          .describe("Analyzed parts other than the main one."),
      })
      .describe("How much of the file was analyzed."),
    frames: z.array(frame).describe("The sampled frames."),
    tracks: z.array(track).describe("Faces followed over time."),
    warnings: z.array(z.string()).describe("One sentence each, e.g. that the file is cut short."),
    stability: stability
      .nullable()
      .optional()
      .describe("Verdicts on degraded copies; null unless asked for."),
  })
  .meta({ id: "FileReport", title: "Report on an analyzed file" });

/** The report on a file that could not be analyzed. */
export const failureReportSchema = z
  .strictObject({
    schema: z.literal(SCHEMA_VERSION).describe("Version of this format."),
    tool,
    file: z
      .strictObject({ path: z.string().describe("Name of the file, or its path with --paths.") })
      .describe("The file that could not be analyzed."),
    verdict: z.null().describe("Always null."),
    error: z
      .strictObject({
        code: z.string().describe("Stable code for programs, e.g. FILE_MISSING."),
        message: z.string().describe("One sentence for people."),
      })
      .describe("Why the file could not be analyzed."),
  })
  .meta({ id: "FailureReport", title: "Report on a file that could not be analyzed" });

/** What `telltale detect --json` writes for each file. */
export const reportSchema = z.union([fileReportSchema, failureReportSchema]);

export type FileReport = z.infer<typeof fileReportSchema>;
export type FailureReport = z.infer<typeof failureReportSchema>;
export type Report = z.infer<typeof reportSchema>;
