import { setTimeout as sleep } from "node:timers/promises";
import { threadId, workerData } from "node:worker_threads";
import { serveJobs } from "../../src/engine/worker-thread.ts";
import { TelltaleError } from "../../src/errors.ts";

/** What the worker of the pool's tests does with a job. */
export type PoolJob =
  | { kind: "double"; value: number; afterMs?: number }
  | { kind: "sum"; bytes: Uint8Array }
  | { kind: "spin"; started: Int32Array }
  | { kind: "die-once"; deaths: Int32Array }
  | { kind: "thread" }
  | { kind: "fail"; code: "DECODE_FAILED" | null; message: string }
  | { kind: "exit"; code: number };

let order = 0;

await serveJobs<PoolJob, { value: number; order: number }, string>(async () => {
  const { starts } = workerData;
  const refuses = starts ? Atomics.add(starts, 0, 1) >= Atomics.load(starts, 1) : workerData.refuse;
  if (refuses) throw new TelltaleError("MODEL_MISSING", "Expected a model, but there is none.");
  return {
    ready: `hello ${workerData.name}`,
    async work(job) {
      const position = order++;
      if (job.kind === "exit") process.exit(job.code);
      if (job.kind === "die-once" && Atomics.add(job.deaths, 0, 1) === 0) process.exit(1);
      if (job.kind === "spin") {
        Atomics.store(job.started, 0, 1);
        for (;;);
      }
      if (job.kind === "thread" || job.kind === "die-once")
        return { result: { value: threadId, order: position } };
      if (job.kind === "fail" && job.code === null) throw new Error(job.message);
      if (job.kind === "fail") throw new TelltaleError(job.code!, job.message);
      if (job.kind === "sum")
        return { result: { value: job.bytes.reduce((a, b) => a + b, 0), order: position } };
      await sleep(job.afterMs ?? 0);
      return { result: { value: 2 * job.value, order: position } };
    },
  };
});
