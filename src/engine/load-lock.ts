import { getEnvironmentData, setEnvironmentData } from "node:worker_threads";

const KEY = "telltale/load-lock";
/** A thread that is ended while it loads leaves the lock behind: then the next one goes on after this long. */
const PATIENCE_MS = 10_000;

/** Lets threads that are started from here on load what must not be loaded by two at once. */
export function shareLoadLock(): void {
  if (getEnvironmentData(KEY) === undefined) setEnvironmentData(KEY, new SharedArrayBuffer(4));
}

/**
 * Runs a load while no other thread of this process runs one. TensorFlow's library is not safe to be loaded by several threads at
 * once: of 140 processes that did so in three of them three crashed, of 140 in turn none.
 */
export function loadInTurn<Loaded>(load: () => Loaded): Loaded {
  const shared = getEnvironmentData(KEY);
  if (!(shared instanceof SharedArrayBuffer)) return load();
  const taken = new Int32Array(shared);
  while (Atomics.compareExchange(taken, 0, 0, 1) !== 0) {
    if (Atomics.wait(taken, 0, 1, PATIENCE_MS) === "timed-out") break;
  }
  try {
    return load();
  } finally {
    Atomics.store(taken, 0, 0);
    Atomics.notify(taken, 0);
  }
}
