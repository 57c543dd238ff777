import { setTimeout as sleep } from "node:timers/promises";
import { Queue } from "bullmq";
import { Redis } from "ioredis";
import { TelltaleError } from "../errors.ts";
import type { AnalysisOutput, AnalysisTask } from "./analyzer.ts";

/** Name of the queue; its keys in Redis begin with `bull:telltale`. */
export const QUEUE_NAME = "telltale";

/** Attempts before a task counts as failed. */
export const ATTEMPTS = 4;

/** Wait before the second attempt; doubles with each attempt. */
const BACKOFF_MS = 2000;

/** Timeout of the first connection. */
const CONNECT_MS = 5000;

/** Results of an audit that was never resumed are deleted after a week. */
const KEPT_SEC = 7 * 24 * 3600;

/** Progress of a running task. */
export interface QueueProgress {
  /** Machine and process, e.g. `host-4711`. */
  readonly worker: string;
  readonly done: number;
  readonly total: number | null;
}

export type TaskQueue = Queue<AnalysisTask, AnalysisOutput>;

export const taskOptions = (id: string) => ({
  // BullMQ ignores a second task with the same id.
  jobId: id,
  attempts: ATTEMPTS,
  backoff: { type: "exponential", delay: BACKOFF_MS },
  removeOnComplete: { age: KEPT_SEC },
  removeOnFail: { age: KEPT_SEC },
});

/**
 * Connects to Redis. The connection later survives outages: commands wait until Redis is back.
 *
 * @throws TelltaleError `QUEUE_UNAVAILABLE` if the first connection fails
 */
export async function connect(url: string): Promise<Redis> {
  const redis = new Redis(url, {
    maxRetriesPerRequest: null,
    retryStrategy: (times) => Math.min(100 * times, 2000),
  });
  let last: unknown = null;
  // Without a listener an error would end the program. The commands report it.
  redis.on("error", (error) => {
    last = error;
  });
  const timeout = new Promise<never>((_, reject) => {
    setTimeout(() => reject(last ?? new Error("no answer")), CONNECT_MS).unref();
  });
  try {
    await Promise.race([redis.ping(), timeout]);
    return redis;
  } catch (cause) {
    redis.disconnect();
    const why = cause instanceof Error ? cause.message || (cause as NodeJS.ErrnoException).code : cause;
    // The URL may contain a password.
    const where = url.replace(/\/\/[^@/]*@/, "//");
    const sentence = `Expected Redis at ${where} but could not connect (${why}); start redis-server or check --redis.`;
    throw new TelltaleError("QUEUE_UNAVAILABLE", sentence, { cause });
  }
}

export function openQueue(connection: Redis): TaskQueue {
  const queue: TaskQueue = new Queue(QUEUE_NAME, { connection });
  queue.on("error", () => {});
  return queue;
}

/** Timeout of closing a queue, which never ends without Redis. */
const CLOSE_MS = 2000;

/** Closes a queue and its connection, even if Redis does not answer. */
export async function closeQueue(queue: TaskQueue, connection: Redis): Promise<void> {
  const timeout = new AbortController();
  const waiting = sleep(CLOSE_MS, undefined, { signal: timeout.signal }).catch(() => {});
  await Promise.race([queue.close().catch(() => {}), waiting]);
  timeout.abort();
  connection.disconnect();
}
