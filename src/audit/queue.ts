import { setTimeout as sleep } from "node:timers/promises";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { TelltaleError } from "../errors.ts";
import type { Judgement, JudgeTask } from "./judge.ts";

/** The queue's name in Redis; its keys begin with `bull:telltale`. */
export const QUEUE_NAME = "telltale";

/** Times that a task is begun before its failure is recorded. */
export const ATTEMPTS = 4;

/** Wait before the second attempt; the third waits twice as long, and so on. */
const BACKOFF_MS = 2000;

/** How long a first connection may take. */
const CONNECT_MS = 5000;

/** What was begun for an audit that never came back is forgotten after a week. */
const KEPT_SEC = 7 * 24 * 3600;

/** How far a task is: what a worker says while it judges. */
export interface QueueProgress {
  /** Machine and process, e.g. `host-4711`. */
  readonly worker: string;
  readonly done: number;
  readonly total: number | null;
}

export type TaskQueue = Queue<JudgeTask, Judgement>;

export const taskOptions = (id: string) => ({
  // Two tasks with one id are one: nothing is judged twice for having been handed in twice.
  jobId: id,
  attempts: ATTEMPTS,
  backoff: { type: "exponential", delay: BACKOFF_MS },
  removeOnComplete: { age: KEPT_SEC },
  removeOnFail: { age: KEPT_SEC },
});

/**
 * A connection that waits through an outage of Redis instead of failing.
 *
 * @throws TelltaleError `QUEUE_UNAVAILABLE` when nothing answers at first
 */
export async function connect(url: string): Promise<Redis> {
  const redis = new Redis(url, {
    maxRetriesPerRequest: null,
    retryStrategy: (times) => Math.min(100 * times, 2000),
  });
  let last: unknown = null;
  // Told by whatever waits; without a listener each would end the program.
  redis.on("error", (error) => {
    last = error;
  });
  const patience = new Promise<never>((_, reject) => {
    setTimeout(() => reject(last ?? new Error("no answer")), CONNECT_MS).unref();
  });
  try {
    await Promise.race([redis.ping(), patience]);
    return redis;
  } catch (cause) {
    redis.disconnect();
    const why = cause instanceof Error ? cause.message || (cause as NodeJS.ErrnoException).code : cause;
    // The address may hold a password.
    const where = url.replace(/\/\/[^@/]*@/, "//");
    const sentence = `Expected Redis at ${where} but it cannot be used (${why}); start redis-server, or check --redis.`;
    throw new TelltaleError("QUEUE_UNAVAILABLE", sentence, { cause });
  }
}

export function openQueue(connection: Redis): TaskQueue {
  const queue: TaskQueue = new Queue(QUEUE_NAME, { connection });
  queue.on("error", () => {});
  return queue;
}

/** How long a queue may take to say goodbye; without Redis it would wait for ever. */
const CLOSE_MS = 2000;

/** Lets go of a queue and its connection, whether Redis answers or not. */
export async function closeQueue(queue: TaskQueue, connection: Redis): Promise<void> {
  const patience = new AbortController();
  const waiting = sleep(CLOSE_MS, undefined, { signal: patience.signal }).catch(() => {});
  await Promise.race([queue.close().catch(() => {}), waiting]);
  patience.abort();
  connection.disconnect();
}
