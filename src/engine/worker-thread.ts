import { parentPort } from "node:worker_threads";
import { TelltaleError } from "../errors.ts";

/**
 * The worker's half of {@link WorkerPool}: starts once, then answers one job after the other.
 *
 * @param start loads what the worker needs; returns what the pool is told and the function that does a job
 */
export async function serveJobs<Job, Result, Ready>(
  start: () => Promise<{
    ready: Ready;
    work: (job: Job) => Promise<{ result: Result; transfer?: ArrayBuffer[] }>;
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
    const { ready, work } = await start();
    port.on("message", async ({ id, job }: { id: number; job: Job }) => {
      try {
        const { result, transfer } = await work(job);
        port.postMessage({ kind: "result", id, result }, transfer ?? []);
      } catch (error) {
        fail(id, error);
      }
    });
    port.postMessage({ kind: "ready", ready });
  } catch (error) {
    fail(null, error);
  }
}
