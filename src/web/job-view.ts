import type { Job } from "./job.ts";
import type { JobView } from "./job-schema.ts";
import { describePictures } from "./pictures.ts";
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
    pictures: describePictures(result?.exhibits ?? null),
  };
}

/** The same of a job that has ended and is stored. */
export function viewStored({ id, name, bytes, createdMs, expiresMs, report, exhibits }: StoredJob): JobView {
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
    pictures: describePictures(exhibits),
  };
}
