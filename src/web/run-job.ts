import type { Analyzer } from "./analyzer.ts";
import type { Job } from "./job.ts";
import type { ServerParts } from "./server-parts.ts";

type RunParts = Pick<ServerParts, "store" | "jobs" | "metrics" | "options"> & {
  readonly analyzer: Pick<Analyzer, "analyze">;
};

/** One job from its place in the queue to its result in the store. */
export async function runJob(job: Job, { analyzer, store, jobs, metrics, options }: RunParts): Promise<void> {
  job.start();
  const result = await analyzer.analyze(job);
  const expiresMs = Date.now() + options.keep * 60_000;
  const { id, owner, createdMs, upload } = job;
  // A job that was deleted while it ran, or while its result was written, keeps none.
  const isWanted = () => jobs.get(id) === job;
  try {
    if (isWanted()) {
      await store.put({ id, owner, name: upload.name, bytes: upload.bytes, createdMs, expiresMs, ...result });
      if (!isWanted()) await store.delete(id, owner);
    }
  } catch (error) {
    process.stderr.write(`telltale: ${error instanceof Error ? error.message : error}\n`);
  }
  job.finish(result, expiresMs);
  jobs.forget(job);
  metrics.countJob(job);
}
