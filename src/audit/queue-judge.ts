import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { Redis } from "ioredis";
import { TelltaleError } from "../errors.ts";
import { failureFinding } from "./finding.ts";
import { failedJudgement, type Judge, type JudgeCall, type Judgement, type JudgeTask } from "./judge.ts";
import { closeQueue, connect, openQueue, type QueueProgress, type TaskQueue, taskOptions } from "./queue.ts";

/** How often is looked for what has ended; a look costs a few requests. */
const LOOK_MS = 500;
/** A report page takes up to a megabyte in Redis until it is fetched. */
const WINDOW = 100;

interface Waiting extends JudgeCall {
  readonly task: JudgeTask;
  readonly resolve: (judgement: Judgement) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Has contents judged by the workers at a queue.
 *
 * What has ended is looked up instead of listened for: an event can be missed while Redis restarts, a result that lies
 * there cannot; and a task that Redis has lost is seen to be gone and handed in again.
 */
export class QueueJudge implements Judge {
  readonly window = WINDOW;
  readonly #redis: Redis;
  readonly #queue: TaskQueue;
  readonly #waiting = new Map<string, Waiting>();
  #isLooking = false;
  #isClosed = false;

  private constructor(redis: Redis) {
    this.#redis = redis;
    this.#queue = openQueue(redis);
  }

  /** @throws TelltaleError `QUEUE_UNAVAILABLE` */
  static async open(url: string): Promise<QueueJudge> {
    return new QueueJudge(await connect(url));
  }

  async judge(task: JudgeTask, call: JudgeCall): Promise<Judgement> {
    await this.#add(task, call.signal);
    return new Promise((resolve, reject) => {
      const abort = () => {
        this.#waiting.delete(task.id);
        reject(new TelltaleError("ABORTED", "The audit was aborted.", { cause: call.signal.reason }));
      };
      call.signal.addEventListener("abort", abort, { once: true });
      const done =
        <Value>(settle: (value: Value) => void) =>
        (value: Value) => {
          call.signal.removeEventListener("abort", abort);
          settle(value);
        };
      this.#waiting.set(task.id, { ...call, task, resolve: done(resolve), reject: done(reject) });
      void this.#look();
    });
  }

  /** While Redis is away this waits for it, unless the audit is aborted. */
  async #add(task: JudgeTask, signal: AbortSignal): Promise<void> {
    const aborted = () => new TelltaleError("ABORTED", "The audit was aborted.", { cause: signal.reason });
    if (signal.aborted) throw aborted();
    const adding = this.#queue.add("judge", task, taskOptions(task.id));
    // What it comes to when nobody waits any more is of no interest.
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

  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    while (this.#waiting.size > 0 && !this.#isClosed) {
      await sleep(LOOK_MS);
      await Promise.all(
        [...this.#waiting.values()].map((waiting) =>
          this.#lookAt(waiting).catch((error) => {
            // Redis has gone away, or is still reading its file: the next look finds what there is.
            if (this.#isClosed) waiting.reject(error);
          }),
        ),
      );
    }
    this.#isLooking = false;
  }

  async #lookAt(waiting: Waiting): Promise<void> {
    const { task, resolve, onProgress } = waiting;
    const job = await this.#queue.getJob(task.id);
    if (!this.#waiting.has(task.id)) return;
    if (job === undefined) {
      await this.#queue.add("judge", task, taskOptions(task.id));
      return;
    }
    const progress = job.progress as Partial<QueueProgress> | number;
    if (typeof progress === "object" && progress.done !== undefined)
      onProgress?.(progress.done, progress.total ?? null);
    if (!job.finishedOn) return;
    const hasFailed = await job.isFailed();
    if (!hasFailed && !job.returnvalue) return;
    this.#waiting.delete(task.id);
    const why = `Expected a worker to judge ${task.path} but each try failed: ${job.failedReason}`;
    const error = { code: "WORKER_FAILED", message: why };
    resolve(hasFailed ? failedJudgement(failureFinding(task.path, error)) : job.returnvalue!);
    // Recorded from here on, or judged again by the next run: nobody else needs it.
    await job.remove().catch(() => {});
  }

  /** Leaves what waits in the queue: workers go on with it, and the same audit finds the results when it is resumed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await closeQueue(this.#queue, this.#redis);
  }
}
