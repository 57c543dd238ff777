import { describe, expect, test } from "vitest";
import { Job } from "../../src/web/job.ts";
import { JobQueue } from "../../src/web/job-queue.ts";

const newJob = () => new Job("owner", { name: "clip.mp4", bytes: 1, path: "/nowhere" });

/** A queue whose jobs end when they are told to, in any order. */
function openQueue(options: { jobs: number; queue: number; perClient: number }) {
  const started: Job[] = [];
  const ends = new Map<Job, () => void>();
  const queue = new JobQueue({
    ...options,
    run: (job) => {
      started.push(job);
      return new Promise((resolve) => {
        ends.set(job, resolve);
        if (job.signal.aborted) resolve();
      });
    },
  });
  const end = async (job: Job) => {
    ends.get(job)!();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { queue, started, end };
}

const codeOf = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return "none";
};

describe("the queue", () => {
  test("runs so many at once, in order of arrival, and says how many are before each", async () => {
    const { queue, started, end } = openQueue({ jobs: 2, queue: 2, perClient: 9 });
    const jobs = [newJob(), newJob(), newJob(), newJob()] as const;
    for (const job of jobs) queue.acquire("a").enqueue(job);
    expect(started).toEqual(jobs.slice(0, 2));
    expect(jobs.map((job) => queue.ahead(job))).toEqual([null, null, 0, 1]);
    expect(queue.counts).toEqual({ running: 2, waiting: 2, uploading: 0 });
    await end(jobs[1]);
    expect(started).toEqual(jobs.slice(0, 3));
    expect(queue.ahead(jobs[3])).toBe(0);
  });

  test("counts uploads among its places, and gives back those that fail", () => {
    const { queue } = openQueue({ jobs: 1, queue: 1, perClient: 9 });
    const place = queue.acquire("a");
    queue.acquire("b");
    expect(queue.counts).toEqual({ running: 0, waiting: 0, uploading: 2 });
    expect(codeOf(() => queue.acquire("c"))).toBe("QUEUE_FULL");
    place.release();
    place.release();
    expect(queue.counts.uploading).toBe(1);
    expect(codeOf(() => queue.acquire("c"))).toBe("none");
    expect(codeOf(() => queue.acquire("d"))).toBe("QUEUE_FULL");
  });

  test("gives the place back to the client that held it", async () => {
    const { queue, end } = openQueue({ jobs: 1, queue: 5, perClient: 1 });
    const [mine, theirs] = [newJob(), newJob()];
    queue.acquire("me").enqueue(mine);
    queue.acquire("them").enqueue(theirs);
    expect(codeOf(() => queue.acquire("me"))).toBe("TOO_MANY_JOBS");
    await end(mine);
    expect(codeOf(() => queue.acquire("them"))).toBe("TOO_MANY_JOBS");
    expect(codeOf(() => queue.acquire("me"))).toBe("none");
  });

  test("reports a waiting job that is cancelled at once, and frees its place", async () => {
    const { queue, started, end } = openQueue({ jobs: 1, queue: 1, perClient: 9 });
    const [running, waiting] = [newJob(), newJob()];
    queue.acquire("a").enqueue(running);
    queue.acquire("a").enqueue(waiting);
    waiting.cancel();
    await end(waiting);
    expect(started).toEqual([running, waiting]);
    expect(queue.counts).toEqual({ running: 1, waiting: 0, uploading: 0 });
    expect(codeOf(() => queue.acquire("a"))).toBe("none");
  });

  test("that is stopped takes nothing more, and ends with the last job", async () => {
    const { queue, end } = openQueue({ jobs: 1, queue: 3, perClient: 9 });
    const [first, second] = [newJob(), newJob()];
    queue.acquire("a").enqueue(first);
    queue.acquire("a").enqueue(second);
    let hasStopped = false;
    const stopping = queue.stop().then(() => {
      hasStopped = true;
    });
    expect(codeOf(() => queue.acquire("b"))).toBe("SERVER_STOPPING");
    await end(first);
    expect(hasStopped).toBe(false);
    await end(second);
    await stopping;
    expect(hasStopped).toBe(true);
  });
});

test("a job whose work throws gives its place back", async () => {
  const run = () => Promise.reject(new Error("the disk is gone"));
  const queue = new JobQueue({ jobs: 1, queue: 0, perClient: 1, run });
  queue.acquire("a").enqueue(newJob());
  await queue.stop();
  expect(queue.counts).toEqual({ running: 0, waiting: 0, uploading: 0 });
});
