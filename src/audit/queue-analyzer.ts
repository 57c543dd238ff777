import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { Redis } from "ioredis";
import { TelltaleError } from "../errors.ts";
import {
  type AnalysisCall,
  type AnalysisOutput,
  type AnalysisTask,
  type Analyzer,
  withoutReport,
} from "./analyzer.ts";
import { failedResult } from "./file-result.ts";
import { closeQueue, connect, openQueue, type QueueProgress, type TaskQueue, taskOptions } from "./queue.ts";

/** Interval between polls for finished jobs. */
const POLL_MS = 500;
/** A report page takes up to a megabyte in Redis until it is fetched. */
const MAX_CONCURRENT = 100;

interface Waiting extends AnalysisCall {
  readonly task: AnalysisTask;
  readonly resolve: (output: AnalysisOutput) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Analyzes files with the workers of a Redis queue.
 *
 * It polls for finished jobs, because an event can be missed while Redis restarts. A task that Redis has lost is added
 * again.
 */
export class QueueAnalyzer implements Analyzer {
  readonly maxConcurrent = MAX_CONCURRENT;
  readonly #redis: Redis;
  readonly #queue: TaskQueue;
  readonly #waiting = new Map<string, Waiting>();
  #isPolling = false;
  #isClosed = false;

  private constructor(redis: Redis) {
    this.#redis = redis;
    this.#queue = openQueue(redis);
  }

  /** @throws TelltaleError `QUEUE_UNAVAILABLE` */
  static async open(url: string): Promise<QueueAnalyzer> {
    return new QueueAnalyzer(await connect(url));
  }

  async analyze(task: AnalysisTask, call: AnalysisCall): Promise<AnalysisOutput> {
    await this.#add(task, call.signal);
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.#waiting.delete(task.id);
        reject(new TelltaleError("ABORTED", "The audit was aborted.", { cause: call.signal.reason }));
      };
      call.signal.addEventListener("abort", abort, { once: true });
      const done =
        <Value>(callback: (value: Value) => void) =>
        (value: Value) => {
          call.signal.removeEventListener("abort", abort);
          callback(value);
        };
      this.#waiting.set(task.id, { ...call, task, resolve: done(resolve), reject: done(reject) });
      void this.#poll();
    });
  }

  /** Waits while Redis is unreachable, unless the audit is aborted. */
  async #add(task: AnalysisTask, signal: AbortSignal): Promise<void> {
    const aborted = () => new TelltaleError("ABORTED", "The audit was aborted.", { cause: signal.reason });
    if (signal.aborted) throw aborted();
    const adding = this.#queue.add("analyze", task, taskOptions(task.id));
    // After an abort nothing awaits this promise.
    adding.catch(() => {});
    const waiting = new AbortController();
    const abortion = once(signal, "abort", { signal: waiting.signal }).then(
      () => Promise.reject(aborted()),
      () => {},
    );
    try {
      await Promise.race([adding, abortion]);
    } finally {
      waiting.abort();
      abortion.catch(() => {});
    }
  }

  async #poll(): Promise<void> {
    if (this.#isPolling) return;
    this.#isPolling = true;
    while (this.#waiting.size > 0 && !this.#isClosed) {
      await sleep(POLL_MS);
      await Promise.all(
        [...this.#waiting.values()].map((waiting) =>
          this.#check(waiting).catch((error) => {
            // Redis is down or still loading its data: the next poll tries again.
            if (this.#isClosed) waiting.reject(error);
          }),
        ),
      );
    }
    this.#isPolling = false;
  }

  async #check(waiting: Waiting): Promise<void> {
    const { task, resolve, onProgress } = waiting;
    const job = await this.#queue.getJob(task.id);
    if (!this.#waiting.has(task.id)) return;
    if (job === undefined) {
      await this.#queue.add("analyze", task, taskOptions(task.id));
      return;
    }
    const progress = job.progress as Partial<QueueProgress> | number;
    if (typeof progress === "object" && progress.done !== undefined)
      onProgress?.(progress.done, progress.total ?? null);
    if (!job.finishedOn) return;
    const hasFailed = await job.isFailed();
    if (!hasFailed && !job.returnvalue) return;
    this.#waiting.delete(task.id);
    const why = `Expected a worker to analyze ${task.path} but every attempt failed: ${job.failedReason}`;
    const error = { code: "WORKER_FAILED", message: why };
    resolve(hasFailed ? withoutReport(failedResult(task.path, error)) : job.returnvalue!);
    // The audit records the result now; nothing else needs the job.
    await job.remove().catch(() => {});
  }

  /** Leaves waiting tasks in the queue. Workers finish them, and a resumed audit finds the results. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await closeQueue(this.#queue, this.#redis);
  }
}
