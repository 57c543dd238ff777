import { availableParallelism, freemem } from "node:os";

/**
 * How many threads or processes this machine can run side by side: one a core, and no more than free memory holds.
 *
 * @param bytesEach memory that each of them takes
 * @param spareCores cores that are left to other work
 * @returns 1 to 64
 */
export function affordable({
  bytesEach,
  spareCores = 0,
}: {
  bytesEach: number;
  spareCores?: number;
}): number {
  // Node 20.9 lacks it; where it is there it knows of a container's limit.
  const freeBytes = process.availableMemory?.() ?? freemem();
  const byMemory = Math.floor(freeBytes / bytesEach);
  return Math.max(1, Math.min(64, availableParallelism() - spareCores, byMemory));
}
