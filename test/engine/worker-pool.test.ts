import { afterEach, describe, expect, test, vi } from "vitest";
import { WorkerPool } from "../../src/engine/index.ts";
import type { WorkerPoolOptions } from "../../src/engine/worker-pool.ts";
import { TelltaleError } from "../../src/errors.ts";
import type { PoolJob } from "./pool-worker.ts";

type Pool = WorkerPool<PoolJob, { value: number; order: number }, string>;
const module = new URL("./pool-worker.ts", import.meta.url);
const open: Pool[] = [];

async function startPool(
  size: number,
  options: Partial<WorkerPoolOptions> = {},
): Promise<{ pool: Pool; ready: string }> {
  const started = await WorkerPool.start<PoolJob, { value: number; order: number }, string>({
    module,
    workerData: { name: "pool" },
    size,
    ...options,
  });
  open.push(started.pool);
  return started;
}

/** The error that a promise is rejected with. */
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => null,
    (error: unknown) => error,
  );

const counter = (...values: number[]) => {
  const counts = new Int32Array(new SharedArrayBuffer(4 * Math.max(1, values.length)));
  counts.set(values);
  return counts;
};

afterEach(async () => {
  await Promise.all(open.splice(0).map((pool) => pool.close()));
});

describe("a worker pool", () => {
  test("starts one thread and hands on what it says", async () => {
    const { pool, ready } = await startPool(3);
    expect(ready).toBe("hello pool");
    expect(pool.size).toBe(3);
    expect(pool.threads).toBe(1);
    expect(pool.hasFailed).toBe(false);
  });

  test("starts more threads only while jobs wait, and never more than its size", async () => {
    const { pool } = await startPool(3);
    for (let value = 0; value < 4; value++) await pool.run({ kind: "double", value });
    expect(pool.threads).toBe(1);
    let most = 0;
    const jobs = Array.from({ length: 12 }, async (_, value) => {
      await pool.run({ kind: "double", value, afterMs: 200 });
      most = Math.max(most, pool.threads);
    });
    expect(pool.threads).toBe(2);
    await Promise.all(jobs);
    expect(most).toBe(3);
  });

  test("gives each caller the result of its own job, whichever ends first", async () => {
    const { pool } = await startPool(2);
    const jobs = [30, 0, 10, 0, 0, 5].map((afterMs, value) =>
      pool.run({ kind: "double", value, afterMs }).then((result) => result.value),
    );
    expect(await Promise.all(jobs)).toEqual([0, 2, 4, 6, 8, 10]);
  });

  test("does jobs in the order in which they arrive", async () => {
    const { pool } = await startPool(1);
    const results = await Promise.all(
      [5, 0, 3, 1].map((afterMs, value) => pool.run({ kind: "double", value, afterMs })),
    );
    expect(results).toEqual([0, 1, 2, 3].map((order) => ({ value: 2 * order, order })));
  });

  test("copies a job, which its sender keeps", async () => {
    const { pool } = await startPool(1);
    const bytes = Uint8Array.from([1, 2, 3]);
    expect((await pool.run({ kind: "sum", bytes })).value).toBe(6);
    expect(bytes.byteLength).toBe(3);
  });

  test("carries a worker's error over with its code and sentence, and stays usable", async () => {
    const { pool } = await startPool(1);
    const message = "Expected a frame, but it does not decode.";
    const error = await failure(pool.run({ kind: "fail", code: "DECODE_FAILED", message }));
    expect(error).toBeInstanceOf(TelltaleError);
    expect(error).toMatchObject({ code: "DECODE_FAILED", message });
    const plain = await failure(pool.run({ kind: "fail", code: null, message: "no code" }));
    expect(plain).not.toBeInstanceOf(TelltaleError);
    expect(plain).toMatchObject({ message: "no code" });
    expect(pool.hasFailed).toBe(false);
    expect(await pool.run({ kind: "double", value: 4 })).toEqual({ value: 8, order: 2 });
  });

  test("a job that cannot be sent fails alone", async () => {
    const { pool } = await startPool(1);
    const uncloneable = { kind: "double", value: (() => 1) as unknown as number } as const;
    const error = await failure(pool.run(uncloneable));
    expect(error).toMatchObject({ name: "DataCloneError" });
    expect((await pool.run({ kind: "double", value: 1 })).value).toBe(2);
  });

  test("a job whose thread dies is done by another thread", async () => {
    const { pool } = await startPool(1);
    const deaths = counter(0);
    const [first, second] = [pool.run({ kind: "thread" }), pool.run({ kind: "die-once", deaths })];
    expect((await second).value).not.toBe((await first).value);
    expect(deaths[0]).toBe(2);
    expect(pool.threads).toBe(1);
  });

  test("a job that two threads die of fails alone, and those that wait and those that come are done", async () => {
    const { pool } = await startPool(1);
    const fatal = failure(pool.run({ kind: "exit", code: 3 }));
    const waiting = pool.run({ kind: "double", value: 1 });
    expect(await fatal).toMatchObject({
      code: "WORKER_FAILED",
      message: expect.stringContaining("exit code 3"),
    });
    expect((await waiting).value).toBe(2);
    expect(pool.hasFailed).toBe(false);
    expect((await pool.run({ kind: "double", value: 2 })).value).toBe(4);
  });

  test("an aborted job that waits is never begun", async () => {
    const { pool } = await startPool(1);
    const stop = new AbortController();
    const first = pool.run({ kind: "double", value: 1, afterMs: 50 });
    const second = failure(pool.run({ kind: "double", value: 2 }, stop.signal));
    stop.abort("enough");
    expect(await second).toMatchObject({ code: "ABORTED", cause: "enough" });
    await first;
    expect(await pool.run({ kind: "double", value: 3 })).toEqual({ value: 6, order: 1 });
    expect(await failure(pool.run({ kind: "double", value: 4 }, stop.signal))).toMatchObject({
      code: "ABORTED",
    });
  });

  test("a thread that spins is ended when its job is aborted, and the next job gets a new one", async () => {
    const { pool } = await startPool(1, { abandonMs: 20 });
    const [stop, started] = [new AbortController(), counter(0)];
    const spinning = failure(pool.run({ kind: "spin", started }, stop.signal));
    const waiting = pool.run({ kind: "double", value: 5 });
    await vi.waitUntil(() => Atomics.load(started, 0) === 1);
    stop.abort();
    expect(await spinning).toMatchObject({ code: "ABORTED" });
    expect((await waiting).value).toBe(10);
    expect(pool.threads).toBe(1);
  });

  test("a thread that soon ends an aborted job is kept", async () => {
    const { pool } = await startPool(1, { abandonMs: 60_000 });
    const before = await pool.run({ kind: "thread" });
    const stop = new AbortController();
    const job = failure(pool.run({ kind: "double", value: 1, afterMs: 30 }, stop.signal));
    stop.abort();
    await job;
    expect((await pool.run({ kind: "thread" })).value).toBe(before.value);
  });

  test("threads without a job end, and start again when one comes", async () => {
    const { pool } = await startPool(2, { idleMs: 50 });
    await Promise.all([0, 1, 2, 3].map((value) => pool.run({ kind: "double", value, afterMs: 100 })));
    await vi.waitUntil(() => pool.threads === 0, { timeout: 10_000 });
    expect(pool.hasFailed).toBe(false);
    expect((await pool.run({ kind: "double", value: 7 })).value).toBe(14);
  });

  test("a thread that cannot start beside the first is done without", async () => {
    const { pool } = await startPool(4, { workerData: { starts: counter(0, 1) } });
    const jobs = [0, 1, 2, 3, 4, 5].map((value) => pool.run({ kind: "double", value, afterMs: 200 }));
    expect((await Promise.all(jobs)).map(({ value }) => value)).toEqual([0, 2, 4, 6, 8, 10]);
    expect(pool.threads).toBe(1);
  });

  test("jobs fail with the start's own error where the last thread has died and no other starts; the next tries again", async () => {
    const starts = counter(0, 1);
    const { pool } = await startPool(1, { workerData: { starts } });
    const jobs = [pool.run({ kind: "exit", code: 1 }), pool.run({ kind: "double", value: 1 })].map(failure);
    for (const error of await Promise.all(jobs)) expect(error).toMatchObject({ code: "MODEL_MISSING" });
    expect(pool.hasFailed).toBe(true);
    Atomics.store(starts, 1, 100);
    expect((await pool.run({ kind: "double", value: 1 })).value).toBe(2);
    expect(pool.hasFailed).toBe(false);
  });

  test("closing rejects the jobs that have not ended, and later ones, with ABORTED", async () => {
    const { pool } = await startPool(1);
    const jobs = [
      pool.run({ kind: "double", value: 1, afterMs: 60_000 }),
      pool.run({ kind: "double", value: 2 }),
    ];
    const errors = jobs.map(failure);
    await pool.close();
    errors.push(failure(pool.run({ kind: "double", value: 3 })));
    for (const error of await Promise.all(errors)) {
      expect(error).toMatchObject({
        code: "ABORTED",
        message: "The worker pool was closed before this job ended.",
      });
    }
    expect(pool.hasFailed).toBe(true);
  });

  test("does not start when its first thread cannot: the thread's own error comes out", async () => {
    const start = WorkerPool.start({ module, workerData: { refuse: true }, size: 2 });
    expect(await failure(start)).toMatchObject({
      code: "MODEL_MISSING",
      message: "Expected a model, but there is none.",
    });
  });

  test("does not start when the thread's module is not there", async () => {
    const missing = new URL("./no-such-worker.ts", import.meta.url);
    const error = await failure(WorkerPool.start({ module: missing, workerData: {}, size: 1 }));
    expect(error).toMatchObject({
      code: "WORKER_FAILED",
      message: expect.stringContaining("no-such-worker.ts"),
    });
  });
});
