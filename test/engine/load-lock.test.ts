import { getEnvironmentData } from "node:worker_threads";
import { expect, test, vi } from "vitest";
import { loadInTurn, releaseLoadLock } from "../../src/engine/load-lock.ts";
import { WorkerPool } from "../../src/engine/worker-pool.ts";

test("the threads of a pool load one after another", async () => {
  const [inside, seen] = [new SharedArrayBuffer(4), new SharedArrayBuffer(8)];
  const { pool } = await WorkerPool.start<number, null, null>({
    module: new URL("./load-lock-worker.ts", import.meta.url),
    workerData: { inside, seen },
    size: 3,
  });
  await Promise.all([20, 20, 20].map((loads) => pool.run(loads)));
  await pool.close();
  expect([...new Int32Array(seen)]).toEqual([1, 60]);
});

test("a thread that is ended while it loads lets go of the lock, and only the holder's end frees it", async () => {
  const { pool } = await WorkerPool.start<number, null, null>({
    module: new URL("./load-lock-worker.ts", import.meta.url),
    workerData: { inside: new SharedArrayBuffer(4), seen: new SharedArrayBuffer(8) },
    size: 1,
  });
  const lock = new Int32Array(getEnvironmentData("telltale/load-lock") as unknown as SharedArrayBuffer);
  const endless = pool.run(Number.POSITIVE_INFINITY).catch((error: Error) => error);
  await vi.waitUntil(() => Atomics.load(lock, 0) !== 0);
  const holder = Atomics.load(lock, 0) - 1;
  releaseLoadLock(holder + 1);
  expect(Atomics.load(lock, 0)).toBe(holder + 1);
  await pool.close();
  expect(await endless).toMatchObject({ code: "ABORTED" });
  expect(Atomics.load(lock, 0)).toBe(0);
  expect(loadInTurn(() => "loaded")).toBe("loaded");
});
