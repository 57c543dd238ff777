import { mkdtemp, rm } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { type Job, Worker } from "bullmq";
import { meaningOf, TelltaleError } from "../errors.ts";
import { defaultModelDir, readManifest } from "../networks/read-manifest.ts";
import { parseOptions } from "../options/parse-options.ts";
import { closeAll } from "./close-all.ts";
import type { Judgement, JudgeTask } from "./judge.ts";
import { JudgePool } from "./judge-pool.ts";
import { type WorkerOptions, workerOptionsSchema } from "./options.ts";
import { ATTEMPTS, connect, QUEUE_NAME, type QueueProgress } from "./queue.ts";

/** A worker that has not said a word for this long has died: its task goes back to the queue. */
const LOCK_MS = 15_000;
/** How often is looked for tasks of the dead. */
const STALLED_MS = 5000;
/** How often a task's progress is written down. */
const PROGRESS_MS = 1000;

/** A worker that takes tasks from a queue. */
export interface QueueWorker {
  readonly name: string;
  /** Tasks that have ended here. */
  readonly done: number;
  /** Ends the tasks under way, takes no others, and lets go of everything. */
  close(): Promise<void>;
}

/** What a worker says of itself as it goes on. */
export type WorkerEvent =
  | { readonly kind: "taken" | "done"; readonly path: string }
  | { readonly kind: "failed"; readonly path: string; readonly why: string }
  | { readonly kind: "trouble"; readonly why: string };

/**
 * Starts a worker: takes tasks from the queue, judges them in processes of its own, hands the results back.
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
  const pool = new JudgePool({ jobs, nice, timeoutSec: timeout, model, backend, scratch });
  const name = `${hostname()}-${process.pid}`;
  let done = 0;

  async function judge(job: Job<JudgeTask, Judgement>): Promise<Judgement> {
    const task = media === undefined ? job.data : { ...job.data, folder: media };
    if (task.modelSha256 !== weights.sha256) {
      const sentence = `Expected the model ${task.modelSha256.slice(0, 12)} but ${name} has ${weights.sha256.slice(0, 12)}; start it with the audit's --model.`;
      throw new TelltaleError("MODEL_MISMATCH", sentence);
    }
    call.onEvent?.({ kind: "taken", path: task.path });
    let saidMs = 0;
    const onProgress = (frames: number, total: number | null) => {
      if (Date.now() - saidMs < PROGRESS_MS) return;
      saidMs = Date.now();
      const progress: QueueProgress = { worker: name, done: frames, total };
      job.updateProgress({ ...progress }).catch(() => {});
    };
    onProgress(0, null);
    const judgement = await pool.judge(task, { signal: call.signal, onProgress });
    const { error } = judgement.finding;
    const isLast = job.attemptsMade + 1 >= ATTEMPTS;
    if (error !== null && meaningOf(error.code).isRetried && !isLast) throw new Error(error.message);
    done++;
    return judgement;
  }

  const worker = new Worker<JudgeTask, Judgement>(QUEUE_NAME, judge, {
    connection,
    name,
    concurrency: pool.jobs,
    lockDuration: LOCK_MS,
    stalledInterval: STALLED_MS,
    // The queue's page shows how many have ended.
    metrics: { maxDataPoints: 1 },
    // A task whose worker dies is begun again as often as one that fails.
    maxStalledCount: ATTEMPTS,
  });
  worker.on("error", (error) => call.onEvent?.({ kind: "trouble", why: error.message }));
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
