import type { Worker } from "node:worker_threads";
import { TelltaleError } from "../errors.ts";
import { startThread } from "../files/start-thread.ts";
import { releaseLoadLock, shareLoadLock } from "./load-lock.ts";

/** Messages of a worker thread, sent by `serveJobs` in worker-thread.ts. */
export type WorkerAnswer<Ready, Result> =
  | { kind: "ready"; ready: Ready }
  | { kind: "result"; id: number; result: Result }
  | { kind: "error"; id: number | null; code: string | null; message: string };

export interface WorkerPoolOptions {
  /** Module that calls `serveJobs`; a `.ts` module is run through tsx (development only). */
  readonly module: URL;
  /** `workerData` of every thread. */
  readonly workerData: unknown;
  /** Maximum number of threads, at least 1. */
  readonly size: number;
  /** An idle thread ends after this time to free its memory. Default 30,000. */
  readonly idleMs?: number;
  /** A thread that still works on an aborted job is terminated after this time. Default 1000. */
  readonly abandonMs?: number;
}

interface Task<Job, Result> {
  readonly id: number;
  readonly job: Job;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
  /** Number of threads that died while working on it. */
  deaths: number;
}

interface Thread<Job, Result> {
  readonly worker: Worker;
  /** A copy, because an ended thread has no id. */
  readonly threadId: number;
  state: "starting" | "idle" | "busy";
  task: Task<Job, Result> | null;
  timer: NodeJS.Timeout | undefined;
}

/** A job is retried once when its thread dies, because the cause may be the machine. */
const MAX_DEATHS = 2;

/**
 * A pool of worker threads. Each thread runs one job at a time, in order of arrival.
 *
 * The pool starts with one thread. While jobs wait, the number of threads at most doubles at a time. A thread that dies is
 * replaced when a job needs it.
 */
export class WorkerPool<Job, Result, Ready = unknown> {
  readonly size: number;
  readonly #options: WorkerPoolOptions;
  readonly #threads = new Set<Thread<Job, Result>>();
  readonly #queue: Task<Job, Result>[] = [];
  /** Lower than `size` after a thread could not start. */
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
   * @returns the pool, and the `ready` value of the first worker
   * @throws TelltaleError with the code of the worker's error, or `WORKER_FAILED`
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

  /** Number of running and starting threads. */
  get threads(): number {
    return this.#threads.size;
  }

  /** True if no job can run: the pool is closed, or its last thread has ended and no other could start. */
  get hasFailed(): boolean {
    return this.#isClosed || (this.#startError !== null && this.#threads.size === 0);
  }

  /**
   * Runs one job on the next idle thread. The job is cloned.
   *
   * @param signal rejects the job when aborted, and terminates its thread if that does not stop in time
   * @throws TelltaleError with the code of the worker's error; `WORKER_FAILED` if two threads died during the job or none
   *   can start; `ABORTED` if the signal is aborted or the pool closed
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

  /** Terminates all threads; unfinished jobs are rejected with `ABORTED`. */
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
        // Ignores messages of a thread that was removed.
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

  /** Marks a thread as idle, and ends it when no job comes. */
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

  // The one that was used last, so that surplus threads stay idle and end.
  #idleThread(): Thread<Job, Result> | undefined {
    return [...this.#threads].findLast(({ state }) => state === "idle");
  }

  #give(thread: Thread<Job, Result>, task: Task<Job, Result>): void {
    try {
      thread.worker.postMessage({ id: task.id, job: task.job });
    } catch (error) {
      // The job cannot be cloned; the thread stays idle.
      task.reject(error);
      return;
    }
    clearTimeout(thread.timer);
    // Moves the thread to the end of the set.
    this.#threads.delete(thread);
    this.#threads.add(thread);
    thread.state = "busy";
    thread.task = task;
  }

  // Doubling keeps one picture at one thread, while a long video soon uses all of them.
  #grow(): void {
    let starting = [...this.#threads].filter(({ state }) => state === "starting").length;
    const limit = Math.max(1, this.#threads.size - starting);
    while (
      starting < Math.min(limit, this.#queue.length) &&
      this.#threads.size < this.#limit &&
      !this.#isClosed
    ) {
      starting++;
      // `#lose` handles the failure.
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
      // Other threads would fail the same way. The next job tries again.
      if (this.#threads.size === 0) for (const waiting of this.#queue.splice(0)) waiting.reject(error);
    }
    this.#dispatch();
  }

  /** Removes an aborted job from the queue or from its thread, which is terminated if it does not finish in time. */
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
