import { afterEach, describe, expect, test } from "vitest";
import { WorkerPool } from "../../src/engine/index.ts";
import { TelltaleError } from "../../src/errors.ts";
import type { PoolJob } from "./pool-worker.ts";

type Pool = WorkerPool<PoolJob, { value: number; order: number }, string>;
const module = new URL("./pool-worker.ts", import.meta.url);
const open: Pool[] = [];

async function startPool(size: number): Promise<{ pool: Pool; ready: string }> {
  const started = await WorkerPool.start<PoolJob, { value: number; order: number }, string>({
    module,
    workerData: { name: "pool" },
    size,
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

afterEach(async () => {
  await Promise.all(open.splice(0).map((pool) => pool.close()));
});

describe("a worker pool", () => {
  test("starts as many threads as it is told to and hands on what they say", async () => {
    const { pool, ready } = await startPool(2);
    expect(ready).toBe("hello pool");
    expect(pool.size).toBe(2);
    expect(pool.pending).toBe(0);
    expect(pool.hasFailed).toBe(false);
  });

  test("gives each caller the result of its own job, whichever ends first", async () => {
    const { pool } = await startPool(2);
    const jobs = [30, 0, 10, 0, 0, 5].map((afterMs, value) =>
      pool.run({ kind: "double", value, afterMs }).then((result) => result.value),
    );
    expect(pool.pending).toBe(6);
    expect(await Promise.all(jobs)).toEqual([0, 2, 4, 6, 8, 10]);
    expect(pool.pending).toBe(0);
  });

  test("does jobs in the order in which they arrive", async () => {
    const { pool } = await startPool(1);
    const results = await Promise.all(
      [5, 0, 3, 1].map((afterMs, value) => pool.run({ kind: "double", value, afterMs })),
    );
    expect(results).toEqual([0, 1, 2, 3].map((order) => ({ value: 2 * order, order })));
  });

  test("moves the buffers that it is told to move", async () => {
    const { pool } = await startPool(1);
    const bytes = Uint8Array.from([1, 2, 3]);
    expect((await pool.run({ kind: "sum", bytes })).value).toBe(6);
    expect(bytes.byteLength).toBe(3);
    expect((await pool.run({ kind: "sum", bytes }, [bytes.buffer])).value).toBe(6);
    expect(bytes.byteLength).toBe(0);
  });

  test("carries a worker's error over with its code and sentence, and goes on", async () => {
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
    const bytes = Uint8Array.from([1]);
    await pool.run({ kind: "sum", bytes }, [bytes.buffer]);
    const moved = await failure(pool.run({ kind: "sum", bytes }, [bytes.buffer]));
    expect(moved).toMatchObject({
      name: "TypeError",
      message: "Cannot perform Construct on a detached ArrayBuffer",
    });
    const uncloneable = { kind: "double", value: (() => 1) as unknown as number } as const;
    const error = await failure(pool.run(uncloneable));
    expect(error).toMatchObject({ name: "DataCloneError", message: "() => 1 could not be cloned." });
    expect(pool.pending).toBe(0);
    expect((await pool.run({ kind: "double", value: 1 })).value).toBe(2);
  });

  test("a thread that dies fails its job, those that wait and those that come, with WORKER_FAILED", async () => {
    const { pool } = await startPool(1);
    const jobs = [pool.run({ kind: "exit", code: 3 }), pool.run({ kind: "double", value: 1 })];
    const errors = await Promise.all(jobs.map(failure));
    expect(pool.hasFailed).toBe(true);
    expect(pool.pending).toBe(0);
    errors.push(await failure(pool.run({ kind: "double", value: 1 })));
    for (const error of errors) {
      expect(error).toMatchObject({
        code: "WORKER_FAILED",
        message:
          "Expected a worker thread to go on, but it ended (exit code 3). Try again with --backend cpu, or run `telltale doctor`.",
      });
    }
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

  test("does not start when a thread cannot: the thread's own error comes out", async () => {
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
      message: expect.stringMatching(
        /^Expected a worker thread to go on, but it ended \(Cannot find module .*no-such-worker\.ts.*\)\. Try again with --backend cpu, or run `telltale doctor`\.$/,
      ),
    });
  });
});
