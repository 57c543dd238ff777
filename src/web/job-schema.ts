import { z } from "zod";
import { fileReportSchema, reportSchema } from "../report/schema.ts";

const reasonSchema = fileReportSchema.shape.reason.unwrap();

const picture = z.string().describe("Address of the picture, below /api/jobs/{id}/pictures/.");
const facePicture = z.strictObject({
  frame: z.number().int(),
  timeSec: z.number(),
  authenticity: z.number(),
  crop: picture,
  heatmap: picture.nullable().describe("Null for models without such a map."),
});

export const picturesSchema = z.strictObject({
  frames: z
    .array(
      z.strictObject({
        index: z.number().int(),
        width: z.number().int().describe("Pixels that the boxes of the frame's faces are measured in."),
        height: z.number().int(),
        thumbnail: picture,
        heats: z
          .array(
            z.strictObject({
              track: z.number().int(),
              square: z
                .tuple([z.number(), z.number(), z.number()])
                .describe("Left, top and side of what the map covers, in pixels of the frame."),
              width: z.number().int().describe("Cells in a row."),
              height: z.number().int().describe("Rows."),
              cells: z
                .string()
                .describe("Probability of fake of each cell times 255, a byte each, in Base64."),
            }),
          )
          .describe("Where each face of the frame looks fake."),
      }),
    )
    .describe("Frames that were looked at, small."),
  faces: z
    .array(z.strictObject({ track: z.number().int(), least: facePicture, most: facePicture.nullable() }))
    .describe("Each face's least and most authentic frame."),
});

/** A job as the API tells it. */
export const jobSchema = z.strictObject({
  id: z.string(),
  state: z.enum(["queued", "running", "done", "failed"]),
  ahead: z.number().int().nullable().describe("Jobs before this one in the queue; null once it has started."),
  progress: z.strictObject({
    done: z.number().int().describe("Frames that have been scored."),
    total: z.number().int().nullable().describe("Frames that were asked for; null where not known."),
  }),
  file: z.strictObject({ name: z.string(), bytes: z.number().int() }),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime().nullable().describe("When the result is wiped; null before there is one."),
  report: reportSchema.nullable().describe("What `telltale detect --json` writes; null before the end."),
  pictures: picturesSchema.nullable().describe("Null before the end, and where there is nothing to show."),
});

/** What came of a job, in short: a row of a list. */
export const findingSchema = z.strictObject({
  verdict: z
    .enum(["authentic", "forged", "inconclusive"])
    .nullable()
    .describe("Null where the file could not be analyzed."),
  reason: reasonSchema.nullable().describe("Why the verdict is inconclusive; null when it is not."),
  authenticity: z.number().nullable(),
  threshold: z.strictObject({ forgedBelow: z.number(), authenticAbove: z.number() }).nullable(),
  kind: z.enum(["image", "video"]).nullable(),
  durationSec: z.number().nullable(),
  thumbnail: picture.nullable().describe("The frame that speaks most for a forgery, small."),
  error: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
});

/** A job without its report and pictures. */
export const jobSummarySchema = jobSchema
  .omit({ report: true, pictures: true })
  .extend({ finding: findingSchema.nullable().describe("Null before the end.") });

export const jobListSchema = z.strictObject({
  jobs: z.array(jobSummarySchema).describe("Those of the client, oldest first."),
});

/** A frame as soon as it has been scored, before faces are followed from frame to frame. */
export const liveFrameSchema = z.strictObject({
  index: z.number().int(),
  timeSec: z.number(),
  width: z.number().int().describe("Pixels that the boxes are measured in."),
  height: z.number().int(),
  faces: z.array(
    z.strictObject({
      box: z.tuple([z.number(), z.number(), z.number(), z.number()]).describe("x, y, width, height."),
      authenticity: z.number().nullable(),
    }),
  ),
  failed: z.boolean().describe("Whether the frame could not be scored."),
});

/** What somebody must know to send something. */
export const healthSchema = z.strictObject({
  status: z.enum(["ok", "stopping", "failing"]),
  problem: z.string().nullable().describe("Why no upload can be taken: one sentence; null where one can."),
  version: z.string(),
  model: z.strictObject({ name: z.string(), version: z.string() }),
  threshold: z
    .strictObject({ forgedBelow: z.number(), authenticAbove: z.number() })
    .describe("Where the lines of pictures lie."),
  clipThreshold: z
    .strictObject({ forgedBelow: z.number(), authenticAbove: z.number() })
    .describe("Where those of clips lie."),
  needsToken: z.boolean().describe("Whether the server asks for a token, and this request had none."),
  limits: z.strictObject({
    maxBytes: z.number().int(),
    maxSec: z.number(),
    maxMegapixels: z.number(),
    perClient: z.number().int(),
  }),
  keepMinutes: z.number(),
});

export type JobView = z.infer<typeof jobSchema>;
export type Finding = z.infer<typeof findingSchema>;
export type JobSummary = z.infer<typeof jobSummarySchema>;
export type LiveFrame = z.infer<typeof liveFrameSchema>;
export type PicturesView = z.infer<typeof picturesSchema>;
export type Health = z.infer<typeof healthSchema>;
