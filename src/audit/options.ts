import { z } from "zod";
import { detectOptionsSchema } from "../options/detect-options.ts";

const { frames, fps, model, backend, stability, provenance, trustAnchors } = detectOptionsSchema.shape;

/** Options of `audit` and `worker` about the analysis processes. */
const processes = {
  jobs: z
    .number()
    .int()
    .min(1)
    .max(256)
    .optional()
    .describe(
      "Number of parallel processes, each with its own model; default: one per core, as far as free memory allows.",
    )
    .meta({ placeholder: "N" }),
  nice: z
    .number()
    .int()
    .min(0)
    .max(19)
    .default(0)
    .describe("Niceness of the analysis processes.")
    .meta({ placeholder: "N" }),
  timeout: z
    .number()
    .positive()
    .max(86_400)
    .default(120)
    .describe("Seconds without an analyzed frame after which a file counts as failed.")
    .meta({ placeholder: "S" }),
  page: z
    .number()
    .int()
    .min(1)
    .max(65_535)
    .optional()
    .describe("Serve a page about the queue at this port of 127.0.0.1; requires --redis.")
    .meta({ placeholder: "PORT" }),
};

/** Options of detection that `audit` shares. */
const detection = { frames, fps, model, backend, stability, provenance, trustAnchors };

/** Options of `audit`. Flags and docs are generated from this schema. */
export const auditOptionsSchema = z
  .strictObject({
    out: z
      .string()
      .min(1)
      .default("audit")
      .describe("Folder for the ledger, the summary and the reports; created if missing.")
      .meta({ placeholder: "DIR" }),
    resume: z
      .boolean()
      .default(false)
      .describe("Fail if there is no audit to resume; resuming is the default."),
    include: z
      .array(z.string().min(1))
      .default([])
      .describe("Glob that a file's path or name must match; repeatable.")
      .meta({ placeholder: "GLOB" }),
    exclude: z
      .array(z.string().min(1))
      .default([])
      .describe("Glob of paths or names to skip; repeatable.")
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
      .describe("Analyze a random sample of this many files; the same folder gives the same sample.")
      .meta({ placeholder: "N" }),
    watch: z.boolean().default(false).describe("Keep running and analyze new files until stopped."),
    moveForged: z
      .string()
      .min(1)
      .optional()
      .describe("Move forged files into this folder; never overwrites a file.")
      .meta({ placeholder: "DIR" }),
    reports: z
      .enum(["all", "flagged", "none"])
      .default("all")
      .describe("Files that get a report page of their own; flagged: forged or inconclusive.")
      .meta({ placeholder: "WHICH" }),
    paths: z
      .boolean()
      .default(false)
      .describe("Write full paths of folders and model into results; default: names only."),
    redis: z
      .string()
      .min(1)
      .optional()
      .describe("Add the files to the queue at this URL (redis://...) for `telltale worker`.")
      .meta({ placeholder: "URL" }),
    ...processes,
    ...detection,
  })
  .refine((options) => options.frames === undefined || options.fps === undefined, {
    message: "Expected frames or fps but received both; omit one.",
  });

/** Options of `worker`. */
export const workerOptionsSchema = z.strictObject({
  redis: z
    .string()
    .min(1)
    .describe("URL of the queue (redis://...), as given to `telltale audit`.")
    .meta({ placeholder: "URL" }),
  media: z
    .string()
    .min(1)
    .optional()
    .describe(
      "Where this machine finds the audited folder: a path or an http(s) URL; default: the same path.",
    )
    .meta({ placeholder: "PATH" }),
  ...processes,
  model,
  backend,
});

/** Options of `audit`; all are optional. */
export type AuditOptions = z.input<typeof auditOptionsSchema>;
export type ResolvedAuditOptions = z.output<typeof auditOptionsSchema>;
export type WorkerOptions = z.input<typeof workerOptionsSchema>;

const unitMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** `since` as milliseconds since 1970; null if it is neither a date nor an age. */
export function sinceMs(since: string, nowMs: number): number | null {
  const age = /^(\d+(?:\.\d+)?)([mhdw])$/.exec(since);
  if (age) return nowMs - Number(age[1]) * unitMs[age[2]!]!;
  const date = /^\d{4}-\d\d-\d\d/.test(since) ? Date.parse(since) : Number.NaN;
  return Number.isNaN(date) ? null : date;
}
