import { parentPort } from "node:worker_threads";
import { TelltaleError } from "../errors.ts";

/**
 * The worker side of {@link WorkerPool}: initialises once, then runs jobs.
 *
 * @param start initialises the worker; `ready` is sent to the pool, `work` runs a job, `warmUp` runs after `ready` was sent
 */
export async function serveJobs<Job, Result, Ready>(
  start: () => Promise<{
    ready: Ready;
    work: (job: Job) => Promise<{ result: Result; transfer?: ArrayBuffer[] }>;
    warmUp?: () => void;
  }>,
): Promise<void> {
  if (parentPort === null) throw new Error("serveJobs runs in a worker thread");
  const port = parentPort;
  const fail = (id: number | null, error: unknown) =>
    port.postMessage({
      kind: "error",
      id,
      code: error instanceof TelltaleError ? error.code : null,
      message: error instanceof Error ? error.message : String(error),
    });
  try {
    const { ready, work, warmUp } = await start();
    port.on("message", async ({ id, job }: { id: number; job: Job }) => {
      try {
        const { result, transfer } = await work(job);
        port.postMessage({ kind: "result", id, result }, transfer ?? []);
      } catch (error) {
        fail(id, error);
      }
    });
    port.postMessage({ kind: "ready", ready });
    // Usually the caller opens a file during this time.
    warmUp?.();
  } catch (error) {
    fail(null, error);
  }
}
