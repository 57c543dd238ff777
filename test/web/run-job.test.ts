import { EventEmitter, once } from "node:events";
import { expect, test } from "vitest";
import { reportFailure } from "../../src/report/json.ts";
import { ActiveJobs } from "../../src/web/active-jobs.ts";
import { Job } from "../../src/web/job.ts";
import { JobQueue } from "../../src/web/job-queue.ts";
import { MemoryStore } from "../../src/web/memory-store.ts";
import { Metrics } from "../../src/web/metrics.ts";
import { serveOptionsSchema } from "../../src/web/options.ts";
import { ResultStore, type StoredJob } from "../../src/web/result-store.ts";
import { runJob } from "../../src/web/run-job.ts";

/** A backend on a slow disk: a write ends when `go` is called. */
class SlowStore extends MemoryStore {
  readonly #events = new EventEmitter();
  readonly writing = once(this.#events, "write");

  go(): void {
    this.#events.emit("go");
  }

  override async write(job: StoredJob) {
    const gate = once(this.#events, "go");
    this.#events.emit("write");
    await gate;
    return super.write(job);
  }
}

test.each([true, false])(
  "a job that is deleted while its result is written keeps none (deleted: %s)",
  async (isDeleted) => {
    const options = serveOptionsSchema.parse({});
    const backend = new SlowStore();
    const store = await ResultStore.open(backend, 1e6);
    const jobs = new ActiveJobs(1000);
    const job = new Job("me", { name: "clip.mp4", bytes: 1, path: "/nowhere" });
    jobs.add(job);
    const report = reportFailure("clip.mp4", { code: "NOT_MEDIA", message: "It is none." });
    const queue = new JobQueue({ ...options, run: async () => {} });
    const running = runJob(job, {
      ...{ store, jobs, options, metrics: new Metrics({ queue, store }) },
      analyzer: { analyze: async () => ({ report, pictures: null }) },
    });
    await backend.writing;
    if (isDeleted) jobs.forget(job);
    backend.go();
    await running;
    expect(await store.get(job.id, "me")).toEqual(isDeleted ? null : expect.objectContaining({ id: job.id }));
    expect(store.size).toBe(isDeleted ? 0 : 1);
  },
);
