import type { Report } from "../report/schema.ts";
import type { ReportPictures } from "../types/pictures.ts";
import type { Job } from "./job.ts";
import type { Finding, JobSummary, JobView } from "./job-schema.ts";
import { describePictures, thumbnailName } from "./pictures.ts";
import type { StoredJob } from "./result-store.ts";

const iso = (timeMs: number) => new Date(timeMs).toISOString();

/** What the API says of a job. @param ahead jobs that start before it; null for one that does not wait */
export function viewJob(job: Job, ahead: number | null): JobView {
  const { id, state, frames, total, upload, createdMs, expiresMs, result } = job;
  return {
    id,
    state,
    ahead,
    progress: { done: frames.length, total },
    file: { name: upload.name, bytes: upload.bytes },
    createdAt: iso(createdMs),
    expiresAt: expiresMs === null ? null : iso(expiresMs),
    report: result?.report ?? null,
    pictures: describePictures(result?.pictures ?? null),
  };
}

/** The same of a job that has ended and is stored. */
export function viewStored({ id, name, bytes, createdMs, expiresMs, report, pictures }: StoredJob): JobView {
  const frames = "error" in report ? 0 : report.frames.length;
  return {
    id,
    state: "error" in report ? "failed" : "done",
    ahead: null,
    progress: { done: frames, total: frames },
    file: { name, bytes },
    createdAt: iso(createdMs),
    expiresAt: iso(expiresMs),
    report,
    pictures: describePictures(pictures),
  };
}

/** What a list says of a job that has not been stored. */
export function summarize(job: Job, ahead: number | null): JobSummary {
  const { report: _report, pictures: _pictures, ...rest } = viewJob(job, ahead);
  return { ...rest, finding: job.result && findingOf(job.result.report, job.result.pictures) };
}

/** The same of a job that has ended and is stored. */
export function summarizeStored(job: StoredJob): JobSummary {
  const { report: _report, pictures: _pictures, ...rest } = viewStored(job);
  return { ...rest, finding: findingOf(job.report, job.pictures) };
}

function findingOf(report: Report, pictures: ReportPictures | null): Finding {
  if ("error" in report) {
    const unknown = { verdict: null, reason: null, authenticity: null, threshold: null };
    return { ...unknown, kind: null, durationSec: null, thumbnail: null, error: report.error };
  }
  const { verdict, reason, authenticity, threshold, file, frames } = report;
  const { forgedBelow, authenticAbove } = threshold;
  const shown = new Set(pictures?.frames.map(({ index }) => index));
  const worst = frames
    .filter(({ index }) => shown.has(index))
    .sort((a, b) => (a.authenticity ?? 2) - (b.authenticity ?? 2))[0];
  return {
    ...{ verdict, reason, authenticity, threshold: { forgedBelow, authenticAbove } },
    ...{ kind: file.kind, durationSec: file.durationSec },
    thumbnail: worst ? thumbnailName(worst.index) : null,
    error: null,
  };
}
