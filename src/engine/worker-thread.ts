import { parentPort } from "node:worker_threads";
import { TelltaleError } from "../errors.ts";

/**
 * The worker's half of {@link WorkerPool}: starts once, then answers one job after the other.
 *
 * @param start loads what the worker needs; returns what the pool is told, the function that does a job, and what is done
 *   before the first one comes
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
    // A job that comes meanwhile waits; mostly a file is opened in that time.
    warmUp?.();
  } catch (error) {
    fail(null, error);
  }
}
