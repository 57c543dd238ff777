import { Worker } from "node:worker_threads";
import { TelltaleError } from "../errors.ts";
import { shareLoadLock } from "./load-lock.ts";

interface Pending<Result> {
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

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
  /** Number of threads, at least 1. */
  readonly size: number;
}

/**
 * A fixed number of worker threads that each take one job at a time, in order of arrival.
 *
 * Backpressure is the caller's: `run` accepts any number of jobs, `pending` says how many have not ended.
 */
export class WorkerPool<Job, Result, Ready = unknown> {
  readonly size: number;
  readonly #workers: Worker[] = [];
  readonly #idle: Worker[] = [];
  readonly #queue: { id: number; job: Job; transfer: readonly ArrayBuffer[] }[] = [];
  readonly #pending = new Map<number, Pending<Result>>();
  readonly #running = new Map<Worker, number>();
  #nextId = 0;
  #failure: TelltaleError | null = null;

  private constructor(size: number) {
    this.size = size;
  }

  /**
   * Starts the threads and waits until each is ready.
   *
   * @returns the pool and what the first worker said when it was ready
   * @throws TelltaleError with the worker's own code, or `WORKER_FAILED`
   */
  static async start<Job, Result, Ready>(
    options: WorkerPoolOptions,
  ): Promise<{ pool: WorkerPool<Job, Result, Ready>; ready: Ready }> {
    shareLoadLock();
    const pool = new WorkerPool<Job, Result, Ready>(options.size);
    const starting = Array.from({ length: options.size }, () => pool.#startWorker(options));
    try {
      const readies = await Promise.all(starting);
      return { pool, ready: readies[0]! };
    } catch (error) {
      await Promise.allSettled(starting);
      await pool.close();
      throw error;
    }
  }

  /** Jobs that were handed in and have not ended. */
  get pending(): number {
    return this.#pending.size;
  }

  /** True once a thread has died or the pool was closed: no job will ever be done again. */
  get hasFailed(): boolean {
    return this.#failure !== null;
  }

  /**
   * Hands one job to the next idle worker.
   *
   * @param transfer buffers of the job that move to the worker instead of being copied
   * @throws TelltaleError with the code that the worker gave, or `WORKER_FAILED` when its thread died
   */
  run(job: Job, transfer: readonly ArrayBuffer[] = []): Promise<Result> {
    if (this.#failure) return Promise.reject(this.#failure);
    const id = this.#nextId++;
    return new Promise<Result>((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#queue.push({ id, job, transfer });
      this.#dispatch();
    });
  }

  /** Ends all threads at once; jobs still waiting are rejected with `ABORTED`. */
  async close(): Promise<void> {
    this.#fail(new TelltaleError("ABORTED", "The worker pool was closed before this job ended."));
    await Promise.all(this.#workers.map((worker) => worker.terminate()));
  }

  #startWorker(options: WorkerPoolOptions): Promise<Ready> {
    const worker = startThread(options);
    this.#workers.push(worker);
    return new Promise<Ready>((resolve, reject) => {
      worker.on("message", (answer: WorkerAnswer<Ready, Result>) => {
        if (answer.kind === "ready") {
          this.#idle.push(worker);
          resolve(answer.ready);
          this.#dispatch();
        } else if (answer.kind === "error" && answer.id === null) {
          reject(asError(answer));
        } else {
          this.#settle(worker, answer);
        }
      });
      const died = (cause: unknown) => {
        const error = new TelltaleError(
          "WORKER_FAILED",
          `Expected a worker thread to go on, but it ended (${cause instanceof Error ? cause.message : cause}). Try again with --backend cpu, or run \`telltale doctor\`.`,
          { cause },
        );
        this.#fail(error);
        reject(error);
      };
      worker.on("error", died);
      worker.on("exit", (code) => died(`exit code ${code}`));
    });
  }

  #settle(worker: Worker, answer: Exclude<WorkerAnswer<Ready, Result>, { kind: "ready" }>): void {
    const id = answer.id!;
    this.#running.delete(worker);
    this.#idle.push(worker);
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (answer.kind === "result") pending?.resolve(answer.result);
    else pending?.reject(asError(answer));
    this.#dispatch();
  }

  #dispatch(): void {
    while (this.#idle.length > 0 && this.#queue.length > 0) {
      const worker = this.#idle[0]!;
      const { id, job, transfer } = this.#queue.shift()!;
      try {
        // A buffer that has moved before would be sent without a word and never arrive; a view of it throws.
        for (const buffer of transfer) new Uint8Array(buffer);
        worker.postMessage({ id, job }, transfer as ArrayBuffer[]);
      } catch (error) {
        // A job that cannot be sent fails alone; the worker stays idle.
        this.#pending.get(id)?.reject(error);
        this.#pending.delete(id);
        continue;
      }
      this.#idle.shift();
      this.#running.set(worker, id);
    }
  }

  #fail(error: TelltaleError): void {
    this.#failure ??= error;
    this.#queue.length = 0;
    for (const pending of this.#pending.values()) pending.reject(error);
    this.#pending.clear();
  }
}

function startThread({ module, workerData }: WorkerPoolOptions): Worker {
  if (!module.pathname.endsWith(".ts")) return new Worker(module, { workerData });
  // Node 20 does not hand `--import tsx` on to a worker's loader, so the worker registers it itself.
  const bootstrap = `import("tsx/esm/api").then(({ register }) => { register(); return import(${JSON.stringify(module.href)}); })`;
  return new Worker(bootstrap, { eval: true, workerData });
}

function asError(answer: { code: string | null; message: string }): Error {
  if (answer.code === null) return new Error(answer.message);
  return new TelltaleError(answer.code as TelltaleError["code"], answer.message);
}
