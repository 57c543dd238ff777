import type { Worker } from "node:worker_threads";
import { TelltaleError } from "../errors.ts";
import { startThread } from "../files/start-thread.ts";
import { releaseLoadLock, shareLoadLock } from "./load-lock.ts";

/** What a pool's worker thread answers; `serveJobs` in worker-thread.ts writes these. */
export type WorkerAnswer<Ready, Result> =
  | { kind: "ready"; ready: Ready }
  | { kind: "result"; id: number; result: Result }
  | { kind: "error"; id: number | null; code: string | null; message: string };

export interface WorkerPoolOptions {
  /** Module that calls `serveJobs`; a `.ts` module is run through tsx (development only). */
  readonly module: URL;
  /** Handed to every worker at its start. */
  readonly workerData: unknown;
  /** Number of threads at most, at least 1. */
  readonly size: number;
  /** A thread without a job for this long ends, which gives its memory back. Default: half a minute. */
  readonly idleMs?: number;
  /** A thread that still works on an aborted job after this long is ended. Default: one second. */
  readonly abandonMs?: number;
}

interface Task<Job, Result> {
  readonly id: number;
  readonly job: Job;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
  /** Threads that died while they worked on it. */
  deaths: number;
}

interface Thread<Job, Result> {
  readonly worker: Worker;
  /** Kept here, since a thread that has ended has no id. */
  readonly threadId: number;
  state: "starting" | "idle" | "busy";
  task: Task<Job, Result> | null;
  timer: NodeJS.Timeout | undefined;
}

/** A thread's death may be the machine's fault: its job gets a second thread, and is given up when that dies too. */
const MAX_DEATHS = 2;

/**
 * Worker threads that each take one job at a time, in order of arrival.
 *
 * The first thread starts with the pool; more start while jobs wait, at most twice as many at a time as there are. A
 * thread that dies is replaced when a job needs it, so the pool stays usable.
 */
export class WorkerPool<Job, Result, Ready = unknown> {
  readonly size: number;
  readonly #options: WorkerPoolOptions;
  readonly #threads = new Set<Thread<Job, Result>>();
  readonly #queue: Task<Job, Result>[] = [];
  /** Lowered where a thread cannot start beside those that run. */
  #limit: number;
  #nextId = 0;
  #startError: TelltaleError | Error | null = null;
  #isClosed = false;

  private constructor(options: WorkerPoolOptions) {
    this.size = options.size;
    this.#limit = options.size;
    this.#options = options;
  }

  /**
   * Starts the first thread and waits until it is ready.
   *
   * @returns the pool and what the first worker said when it was ready
   * @throws TelltaleError with the worker's own code, or `WORKER_FAILED`
   */
  static async start<Job, Result, Ready>(
    options: WorkerPoolOptions,
  ): Promise<{ pool: WorkerPool<Job, Result, Ready>; ready: Ready }> {
    shareLoadLock();
    const pool = new WorkerPool<Job, Result, Ready>(options);
    try {
      return { pool, ready: await pool.#startThread() };
    } catch (error) {
      await pool.close();
      throw error;
    }
  }

  /** Threads that run or are starting. */
  get threads(): number {
    return this.#threads.size;
  }

  /** True where no job can be done: the pool was closed, or its last thread has ended and no other could start. */
  get hasFailed(): boolean {
    return this.#isClosed || (this.#startError !== null && this.#threads.size === 0);
  }

  /**
   * Hands one job to the next idle worker. The job is copied to it.
   *
   * @param signal rejects the job when it is aborted, and ends a thread that does not let go of it
   * @throws TelltaleError with the code that the worker gave; `WORKER_FAILED` when two threads died of the job or none
   *   can start; `ABORTED` when the signal was aborted or the pool closed
   */
  run(job: Job, signal?: AbortSignal): Promise<Result> {
    if (this.#isClosed) return Promise.reject(closed());
    if (signal?.aborted) return Promise.reject(aborted(signal));
    return new Promise<Result>((resolve, reject) => {
      const end =
        <Value>(settle: (value: Value) => void) =>
        (value: Value) => {
          signal?.removeEventListener("abort", abort);
          settle(value);
        };
      const task = { id: this.#nextId++, job, resolve: end(resolve), reject: end(reject), deaths: 0 };
      const abort = () => {
        this.#abandon(task);
        task.reject(aborted(signal!));
      };
      signal?.addEventListener("abort", abort, { once: true });
      this.#queue.push(task);
      this.#dispatch();
    });
  }

  /** Ends all threads at once; jobs that have not ended are rejected with `ABORTED`. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const threads = [...this.#threads];
    for (const task of this.#queue.splice(0)) task.reject(closed());
    for (const { task } of threads) task?.reject(closed());
    await Promise.all(threads.map((thread) => this.#end(thread)));
  }

  #startThread(): Promise<Ready> {
    const { module, workerData } = this.#options;
    const worker = startThread(module, { workerData });
    const thread: Thread<Job, Result> = {
      ...{ worker, threadId: worker.threadId, state: "starting", task: null, timer: undefined },
    };
    this.#threads.add(thread);
    return new Promise<Ready>((resolve, reject) => {
      worker.on("message", (answer: WorkerAnswer<Ready, Result>) => {
        // What a thread says after it was given up is of no use.
        if (!this.#threads.has(thread)) return;
        if (answer.kind === "ready") {
          this.#startError = null;
          resolve(answer.ready);
          this.#rest(thread);
        } else if (answer.kind === "error" && answer.id === null) {
          reject(asError(answer));
          this.#lose(thread, asError(answer));
        } else {
          const task = thread.task;
          this.#rest(thread);
          if (answer.kind === "result") task?.resolve(answer.result);
          else task?.reject(asError(answer));
        }
      });
      const died = (cause: unknown) => {
        const error = dead(cause);
        reject(error);
        this.#lose(thread, error);
      };
      worker.on("error", died);
      worker.on("messageerror", died);
      worker.on("exit", (code) => {
        releaseLoadLock(thread.threadId);
        died(`exit code ${code}`);
      });
    });
  }

  /** A thread that is ready for a job; it ends when none comes. */
  #rest(thread: Thread<Job, Result>): void {
    clearTimeout(thread.timer);
    thread.state = "idle";
    thread.task = null;
    this.#dispatch();
    if (thread.task !== null) return;
    thread.timer = setTimeout(() => void this.#end(thread), this.#options.idleMs ?? 30_000).unref();
  }

  #dispatch(): void {
    while (this.#queue.length > 0) {
      const thread = this.#idleThread();
      if (thread === undefined) break;
      this.#give(thread, this.#queue.shift()!);
    }
    this.#grow();
  }

  // The one that worked last: those that are not needed stay idle and end.
  #idleThread(): Thread<Job, Result> | undefined {
    return [...this.#threads].findLast(({ state }) => state === "idle");
  }

  #give(thread: Thread<Job, Result>, task: Task<Job, Result>): void {
    try {
      thread.worker.postMessage({ id: task.id, job: task.job });
    } catch (error) {
      // A job that cannot be sent fails alone; the thread stays idle.
      task.reject(error);
      return;
    }
    clearTimeout(thread.timer);
    // The newest job's thread is the last of the set.
    this.#threads.delete(thread);
    this.#threads.add(thread);
    thread.state = "busy";
    thread.task = task;
  }

  // Doubling keeps a single picture at one thread, and a long video is soon worked on by all.
  #grow(): void {
    let starting = [...this.#threads].filter(({ state }) => state === "starting").length;
    const limit = Math.max(1, this.#threads.size - starting);
    while (
      starting < Math.min(limit, this.#queue.length) &&
      this.#threads.size < this.#limit &&
      !this.#isClosed
    ) {
      starting++;
      // Its failure reaches `#lose`.
      this.#startThread().catch(() => {});
    }
  }

  #lose(thread: Thread<Job, Result>, error: Error): void {
    if (!this.#threads.has(thread)) return;
    const { task, state } = thread;
    void this.#end(thread);
    if (task !== null && ++task.deaths < MAX_DEATHS) this.#queue.unshift(task);
    else task?.reject(error);
    if (state === "starting") {
      this.#startError = error;
      this.#limit = Math.max(1, this.#threads.size);
      // Each further thread would fail the same way; the next job tries again.
      if (this.#threads.size === 0) for (const waiting of this.#queue.splice(0)) waiting.reject(error);
    }
    this.#dispatch();
  }

  /** Takes a job out of the queue, or from its thread, which is ended unless it comes to an end of itself. */
  #abandon(task: Task<Job, Result>): void {
    const at = this.#queue.indexOf(task);
    if (at >= 0) this.#queue.splice(at, 1);
    const thread = [...this.#threads].find((one) => one.task === task);
    if (!thread) return;
    thread.task = null;
    thread.timer = setTimeout(() => {
      void this.#end(thread);
      this.#dispatch();
    }, this.#options.abandonMs ?? 1000);
  }

  async #end(thread: Thread<Job, Result>): Promise<void> {
    clearTimeout(thread.timer);
    this.#threads.delete(thread);
    if (this.#threads.size === 0) this.#limit = this.size;
    await thread.worker.terminate();
  }
}

function asError(answer: { code: string | null; message: string }): Error {
  if (answer.code === null) return new Error(answer.message);
  return new TelltaleError(answer.code as TelltaleError["code"], answer.message);
}

function dead(cause: unknown): TelltaleError {
  const sentence = `Expected a worker thread to keep running, but it ended (${cause instanceof Error ? cause.message : cause}). Try again with --backend cpu, or run \`telltale doctor\`.`;
  return new TelltaleError("WORKER_FAILED", sentence, { cause });
}

function closed(): TelltaleError {
  return new TelltaleError("ABORTED", "The worker pool was closed before this job ended.");
}

function aborted(signal: AbortSignal): TelltaleError {
  return new TelltaleError("ABORTED", "The job was aborted before it ended.", { cause: signal.reason });
}
