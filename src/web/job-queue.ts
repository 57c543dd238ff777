import { TelltaleError } from "../errors.ts";
import { RetryAfterError } from "./http-errors.ts";
import type { Job } from "./job.ts";

/** Nobody is sent away for longer, whatever the estimate. Seconds. */
const MAX_RETRY_SEC = 120;
/** What a job is taken to last before the first has ended. Seconds. */
const FIRST_GUESS_SEC = 5;
/** Weight of the last job in the average of how long they take. */
const SMOOTHING = 0.2;

export interface QueueOptions {
  /** Jobs that run at once. */
  readonly jobs: number;
  /** Jobs that may wait, or be uploaded, besides. */
  readonly queue: number;
  /** Jobs of one client among all of these. */
  readonly perClient: number;
  /** Does a job to its end. What it throws is logged; its slot is freed all the same. */
  readonly run: (job: Job) => Promise<void>;
}

/** A slot of the queue, held from the first byte of an upload to the end of its job. */
export interface Slot {
  /** Puts the uploaded file in line. */
  enqueue(job: Job): void;
  /** Gives the slot back unused; without effect once a job is enqueued. */
  release(): void;
}

interface Entry {
  readonly job: Job;
  /** Frees the entry's slot. */
  readonly free: () => void;
}

/** Jobs in order of arrival: a fixed number runs, a fixed number waits, the rest is sent away. */
export class JobQueue {
  readonly #options: QueueOptions;
  readonly #waiting: Entry[] = [];
  readonly #running = new Set<Job>();
  readonly #held = new Map<string, number>();
  #slots = 0;
  #averageSec = FIRST_GUESS_SEC;
  #isStopping = false;
  #idle: (() => void)[] = [];

  constructor(options: QueueOptions) {
    this.#options = options;
  }

  get isStopping(): boolean {
    return this.#isStopping;
  }

  /** How many jobs run, wait, and are being uploaded. */
  get counts(): { readonly running: number; readonly waiting: number; readonly uploading: number } {
    const [running, waiting] = [this.#running.size, this.#waiting.length];
    return { running, waiting, uploading: this.#slots - running - waiting };
  }

  /** Every job that has not ended. */
  get active(): readonly Job[] {
    return [...this.#running, ...this.#waiting.map(({ job }) => job)];
  }

  /** Jobs that start before this one; null for one that does not wait. */
  ahead(job: Job): number | null {
    const index = this.#waiting.findIndex((entry) => entry.job === job);
    return index === -1 ? null : index;
  }

  /**
   * Takes a slot for a client's upload.
   *
   * @throws TelltaleError `SERVER_STOPPING`, `TOO_MANY_JOBS`, `QUEUE_FULL`; the last two say when to come back
   */
  acquire(client: string): Slot {
    const { jobs, queue, perClient } = this.#options;
    if (this.#isStopping) {
      throw new TelltaleError("SERVER_STOPPING", "The server is stopping: send the file again in a minute.");
    }
    const held = this.#held.get(client) ?? 0;
    if (held >= perClient) {
      const sentence = `Expected at most ${perClient} files of one client at once but received another: wait until one of yours is done.`;
      throw new RetryAfterError("TOO_MANY_JOBS", sentence, this.#retryAfterSec(1));
    }
    if (this.#slots >= jobs + queue) {
      const sentence = `All ${jobs + queue} places of the queue are taken: send the file again later.`;
      throw new RetryAfterError("QUEUE_FULL", sentence, this.#retryAfterSec(this.#waiting.length));
    }
    this.#slots++;
    this.#held.set(client, held + 1);
    return this.#slot(client);
  }

  /** Takes no more files; resolves when all that were taken have ended. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    if (this.#slots > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  #slot(client: string): Slot {
    let isOpen = true;
    const free = () => {
      this.#slots--;
      const held = this.#held.get(client)! - 1;
      if (held > 0) this.#held.set(client, held);
      else this.#held.delete(client);
      if (this.#slots === 0) for (const resolve of this.#idle.splice(0)) resolve();
    };
    return {
      release: () => {
        if (isOpen) free();
        isOpen = false;
      },
      enqueue: (job) => {
        isOpen = false;
        const entry = { job, free };
        this.#waiting.push(entry);
        job.signal.addEventListener("abort", () => this.#leaveLine(entry), { once: true });
        this.#next();
      },
    };
  }

  // What was cancelled while it waited is run at once: that takes no time, and reports it.
  #leaveLine(entry: Entry): void {
    const index = this.#waiting.indexOf(entry);
    if (index === -1) return;
    this.#waiting.splice(index, 1);
    void this.#run(entry);
  }

  #next(): void {
    if (this.#running.size >= this.#options.jobs) return;
    const entry = this.#waiting.shift();
    if (entry) void this.#run(entry);
  }

  async #run({ job, free }: Entry): Promise<void> {
    this.#running.add(job);
    const startedMs = performance.now();
    try {
      await this.#options.run(job);
    } catch (error) {
      process.stderr.write(`telltale: ${error instanceof Error ? error.stack : error}\n`);
    }
    this.#running.delete(job);
    if (!job.signal.aborted) {
      const tookSec = (performance.now() - startedMs) / 1000;
      this.#averageSec += SMOOTHING * (tookSec - this.#averageSec);
    }
    free();
    this.#next();
    for (const waiting of this.#waiting) waiting.job.tell();
  }

  #retryAfterSec(jobsBefore: number): number {
    const estimate = (this.#averageSec * Math.max(1, jobsBefore)) / this.#options.jobs;
    return Math.min(MAX_RETRY_SEC, Math.max(1, Math.ceil(estimate)));
  }
}
