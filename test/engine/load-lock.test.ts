import { expect, test } from "vitest";
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
