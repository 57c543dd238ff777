import { mkdtemp, rm } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { type Job, Worker } from "bullmq";
import { meaningOf, TelltaleError } from "../errors.ts";
import { defaultModelDir, readManifest } from "../networks/read-manifest.ts";
import { parseOptions } from "../options/parse-options.ts";
import type { AnalysisOutput, AnalysisTask } from "./analyzer.ts";
import { closeAll } from "./close-all.ts";
import { type WorkerOptions, workerOptionsSchema } from "./options.ts";
import { ProcessPool } from "./process-pool.ts";
import { ATTEMPTS, connect, QUEUE_NAME, type QueueProgress } from "./queue.ts";

/** A task whose worker is silent for this long goes back to the queue. */
const LOCK_MS = 15_000;
/** Interval between checks for tasks of dead workers. */
const STALLED_MS = 5000;
/** Minimum interval between two progress updates of a task. */
const PROGRESS_MS = 1000;

/** A worker that takes tasks from a queue. */
export interface QueueWorker {
  readonly name: string;
  /** Number of tasks finished by this worker. */
  readonly done: number;
  /** Finishes running tasks, takes no others and closes all resources. */
  close(): Promise<void>;
}

/** Progress of a worker. */
export type WorkerEvent =
  | { readonly kind: "taken" | "done"; readonly path: string }
  | { readonly kind: "failed"; readonly path: string; readonly why: string }
  | { readonly kind: "error"; readonly why: string };

/**
 * Starts a worker that takes tasks from the queue, analyzes them in child processes and returns the results.
 *
 * @throws TelltaleError `USAGE`, `QUEUE_UNAVAILABLE`, `MODEL_MISSING`, `MODEL_INVALID`
 */
export async function startWorker(
  options: WorkerOptions,
  call: { readonly signal: AbortSignal; readonly onEvent?: (event: WorkerEvent) => void },
): Promise<QueueWorker> {
  const {
    redis: url,
    media,
    jobs,
    nice,
    timeout,
    model,
    backend,
  } = parseOptions(workerOptionsSchema, options);
  const { weights } = await readManifest(model ?? defaultModelDir);
  const connection = await connect(url);
  const scratch = await mkdtemp(join(tmpdir(), "telltale-worker-"));
  const pool = new ProcessPool({ jobs, nice, timeoutSec: timeout, model, backend, scratch });
  const name = `${hostname()}-${process.pid}`;
  let done = 0;

  async function analyze(job: Job<AnalysisTask, AnalysisOutput>): Promise<AnalysisOutput> {
    const task = media === undefined ? job.data : { ...job.data, folder: media };
    if (task.modelSha256 !== weights.sha256) {
      const sentence = `Expected the model ${task.modelSha256.slice(0, 12)} but ${name} has ${weights.sha256.slice(0, 12)}; start it with the --model of the audit.`;
      throw new TelltaleError("MODEL_MISMATCH", sentence);
    }
    call.onEvent?.({ kind: "taken", path: task.path });
    let updatedMs = 0;
    const onProgress = (frames: number, total: number | null) => {
      if (Date.now() - updatedMs < PROGRESS_MS) return;
      updatedMs = Date.now();
      const progress: QueueProgress = { worker: name, done: frames, total };
      job.updateProgress({ ...progress }).catch(() => {});
    };
    onProgress(0, null);
    const output = await pool.analyze(task, { signal: call.signal, onProgress });
    const { error } = output.result;
    const isLast = job.attemptsMade + 1 >= ATTEMPTS;
    if (error !== null && meaningOf(error.code).isRetried && !isLast) throw new Error(error.message);
    done++;
    return output;
  }

  const worker = new Worker<AnalysisTask, AnalysisOutput>(QUEUE_NAME, analyze, {
    connection,
    name,
    concurrency: pool.jobs,
    lockDuration: LOCK_MS,
    stalledInterval: STALLED_MS,
    // For the counts on the queue's page.
    metrics: { maxDataPoints: 1 },
    // A task whose worker dies is retried as often as one that fails.
    maxStalledCount: ATTEMPTS,
  });
  worker.on("error", (error) => call.onEvent?.({ kind: "error", why: error.message }));
  worker.on("completed", (job) => call.onEvent?.({ kind: "done", path: job.data.path }));
  worker.on("failed", (job, error) =>
    call.onEvent?.({ kind: "failed", path: job?.data.path ?? "a task", why: error.message }),
  );
  return {
    name,
    get done() {
      return done;
    },
    async close() {
      await closeAll([
        () => connection.disconnect(),
        () => rm(scratch, { recursive: true, force: true }),
        () => pool.close(),
        () => worker.close(),
      ]);
    },
  };
}
