import { availableParallelism, freemem } from "node:os";

/**
 * Default number of threads or processes: one per core, limited by free memory.
 *
 * @param bytesEach memory per thread or process
 * @param spareCores cores to leave to other work
 * @returns 1 to 64
 */
export function defaultParallelism({
  bytesEach,
  spareCores = 0,
}: {
  bytesEach: number;
  spareCores?: number;
}): number {
  // availableMemory respects the limit of a container. Node 20.9 does not have it.
  const freeBytes = process.availableMemory?.() ?? freemem();
  const byMemory = Math.floor(freeBytes / bytesEach);
  return Math.max(1, Math.min(64, availableParallelism() - spareCores, byMemory));
}
