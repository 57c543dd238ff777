import type { Access } from "./access.ts";
import type { ActiveJobs } from "./active-jobs.ts";
import type { Analyzer } from "./analyzer.ts";
import type { JobQueue } from "./job-queue.ts";
import type { Metrics } from "./metrics.ts";
import type { ServeOptions, Timings } from "./options.ts";
import type { ResultStore } from "./result-store.ts";
import type { UploadFolder } from "./upload-folder.ts";

/** What the routes work with. */
export interface ServerParts {
  readonly options: ServeOptions;
  readonly timings: Timings;
  readonly analyzer: Analyzer;
  readonly queue: JobQueue;
  readonly jobs: ActiveJobs;
  readonly store: ResultStore;
  readonly uploads: UploadFolder;
  readonly access: Access;
  readonly metrics: Metrics;
}
