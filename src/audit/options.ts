import { z } from "zod";
import { detectOptionsSchema } from "../detection/options.ts";

const { frames, fps, model, backend, stability, provenance, trustAnchors } = detectOptionsSchema.shape;

/** How files are judged, wherever that happens. */
const judging = {
  jobs: z
    .number()
    .int()
    .min(1)
    .max(256)
    .optional()
    .describe(
      "Files judged side by side, each in a process with its own model; one a core when left out, and no more than free memory holds.",
    )
    .meta({ placeholder: "N" }),
  nice: z
    .number()
    .int()
    .min(0)
    .max(19)
    .default(0)
    .describe("How far the judging processes step back behind other programs.")
    .meta({ placeholder: "N" }),
  timeout: z
    .number()
    .positive()
    .max(86_400)
    .default(120)
    .describe("Seconds without a judged frame after which a file is given up and recorded.")
    .meta({ placeholder: "S" }),
  page: z
    .number()
    .int()
    .min(1)
    .max(65_535)
    .optional()
    .describe("Show the queue on a page at this port of 127.0.0.1; with --redis.")
    .meta({ placeholder: "PORT" }),
};

/** What a verdict is made with. */
const detecting = { frames, fps, model, backend, stability, provenance, trustAnchors };

/** Options of `audit`: the one source of their defaults, ranges and descriptions; flags and docs come from it. */
export const auditOptionsSchema = z
  .strictObject({
    out: z
      .string()
      .min(1)
      .default("audit")
      .describe("Folder for the ledger, the summary and the reports; made if it is not there.")
      .meta({ placeholder: "DIR" }),
    resume: z
      .boolean()
      .default(false)
      .describe("Insist on going on with an audit; one that is in the folder is gone on with anyway."),
    include: z
      .array(z.string().min(1))
      .default([])
      .describe("Glob that a file's path or name must match; may be given again.")
      .meta({ placeholder: "GLOB" }),
    exclude: z
      .array(z.string().min(1))
      .default([])
      .describe("Glob of paths or names to pass over; may be given again.")
      .meta({ placeholder: "GLOB" }),
    since: z
      .string()
      .refine((text) => sinceMs(text, 0) !== null, {
        error: (issue) =>
          `Expected a date (2026-03-01) or an age (36h, 7d) for since but received ${JSON.stringify(issue.input)}.`,
      })
      .optional()
      .describe("Only files changed since a date (2026-03-01) or within an age (36h, 7d).")
      .meta({ placeholder: "WHEN" }),
    sample: z
      .number()
      .int()
      .min(1)
      .max(1_000_000_000)
      .optional()
      .describe("Only this many of the files, drawn by a hash of their paths: the same ones each time.")
      .meta({ placeholder: "N" }),
    watch: z.boolean().default(false).describe("Go on as files arrive, until stopped."),
    moveForged: z
      .string()
      .min(1)
      .optional()
      .describe("Move forged files into this folder; never over another file.")
      .meta({ placeholder: "DIR" }),
    reports: z
      .enum(["all", "flagged", "none"])
      .default("all")
      .describe("Which files get a report page of their own; flagged ones are forged or inconclusive.")
      .meta({ placeholder: "WHICH" }),
    paths: z
      .boolean()
      .default(false)
      .describe(
        "Keep the paths of folders and model in what is written; without it, names alone, to hand on.",
      ),
    redis: z
      .string()
      .min(1)
      .optional()
      .describe("Put the work on a queue at this address (redis://...), for `telltale worker` to take.")
      .meta({ placeholder: "URL" }),
    ...judging,
    ...detecting,
  })
  .refine((options) => options.frames === undefined || options.fps === undefined, {
    message: "Expected frames or fps but received both; leave one out.",
  });

/** Options of `worker`. */
export const workerOptionsSchema = z.strictObject({
  redis: z
    .string()
    .min(1)
    .describe("Address of the queue that audits put their work on (redis://...).")
    .meta({ placeholder: "URL" }),
  media: z
    .string()
    .min(1)
    .optional()
    .describe(
      "Where the audited folder is from here: a path, or an address that begins with http. The same path when left out.",
    )
    .meta({ placeholder: "PATH" }),
  ...judging,
  model,
  backend,
});

/** What a caller may ask of `audit`; everything may be left out. */
export type AuditOptions = z.input<typeof auditOptionsSchema>;
export type ResolvedAuditOptions = z.output<typeof auditOptionsSchema>;
export type WorkerOptions = z.input<typeof workerOptionsSchema>;
export type ResolvedWorkerOptions = z.output<typeof workerOptionsSchema>;

const unitMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** The moment that `since` means, in milliseconds since 1970; null for what is neither a date nor an age. */
export function sinceMs(since: string, nowMs: number): number | null {
  const age = /^(\d+(?:\.\d+)?)([mhdw])$/.exec(since);
  if (age) return nowMs - Number(age[1]) * unitMs[age[2]!]!;
  const date = /^\d{4}-\d\d-\d\d/.test(since) ? Date.parse(since) : Number.NaN;
  return Number.isNaN(date) ? null : date;
}
