import type { Job } from "./job.ts";

/** Jobs that have not ended, with who listens to them. */
export class ActiveJobs {
  readonly #jobs = new Map<string, Job>();
  // Weak, since a listener may leave after its job has been forgotten.
  readonly #listeners = new WeakMap<Job, number>();
  readonly #leftMs: number;

  /** @param leftMs without listeners for this long, a job that had some is cancelled */
  constructor(leftMs: number) {
    this.#leftMs = leftMs;
  }

  get(id: string): Job | null {
    return this.#jobs.get(id) ?? null;
  }

  add(job: Job): void {
    this.#jobs.set(job.id, job);
  }

  forget(job: Job): void {
    this.#jobs.delete(job.id);
  }

  /** The jobs of an owner, oldest first. */
  of(owner: string): Job[] {
    return [...this.#jobs.values()].filter((job) => job.owner === owner);
  }

  /**
   * Adds a listener; returns what to call when it leaves, or null where there are `max` of them already.
   *
   * @param options.staysAlone whether the job goes on when this listener leaves as the last one
   */
  listen(job: Job, max: number, { staysAlone = false } = {}): (() => void) | null {
    const count = this.#listeners.get(job) ?? 0;
    if (count >= max) return null;
    this.#listeners.set(job, count + 1);
    return () => {
      const left = (this.#listeners.get(job) ?? 1) - 1;
      this.#listeners.set(job, left);
      if (left === 0 && !staysAlone && !job.isFinished) this.#cancelUnlessBack(job);
    };
  }

  // A page that is loaded anew, or a phone that changes its network, comes back.
  #cancelUnlessBack(job: Job): void {
    setTimeout(() => {
      if (this.#listeners.get(job) === 0 && !job.isFinished) job.cancel();
    }, this.#leftMs).unref();
  }
}
