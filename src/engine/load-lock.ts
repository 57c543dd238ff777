import { getEnvironmentData, setEnvironmentData, threadId } from "node:worker_threads";

const KEY = "telltale/load-lock";
/** A holder that has not let go after this long is taken to be gone, and the next thread takes the lock over. */
const PATIENCE_MS = 10_000;
const FREE = 0;

/** Lets threads that are started from here on load what must not be loaded by two at once. */
export function shareLoadLock(): void {
  if (getEnvironmentData(KEY) === undefined) setEnvironmentData(KEY, new SharedArrayBuffer(4));
}

/**
 * Runs a load while no other thread of this process runs one. TensorFlow's library is not safe to be loaded by several threads at
 * once: of 140 processes that did so in three of them three crashed, of 140 in turn none.
 */
export function loadInTurn<Loaded>(load: () => Loaded): Loaded {
  const lock = sharedLock();
  if (lock === null) return load();
  const own = keyOf(threadId);
  for (;;) {
    const holder = Atomics.compareExchange(lock, 0, FREE, own);
    if (holder === FREE) break;
    const isStale = Atomics.wait(lock, 0, holder, PATIENCE_MS) === "timed-out";
    if (isStale && Atomics.compareExchange(lock, 0, holder, own) === holder) break;
  }
  try {
    return load();
  } finally {
    release(lock, own);
  }
}

/** Frees the lock where a thread that has ended still holds it. */
export function releaseLoadLock(endedThreadId: number): void {
  const lock = sharedLock();
  if (lock !== null) release(lock, keyOf(endedThreadId));
}

// Only its holder frees the lock: one that was taken over stays with the thread that took it.
function release(lock: Int32Array, holder: number): void {
  if (Atomics.compareExchange(lock, 0, holder, FREE) === holder) Atomics.notify(lock, 0);
}

function sharedLock(): Int32Array | null {
  const shared = getEnvironmentData(KEY);
  return shared instanceof SharedArrayBuffer ? new Int32Array(shared) : null;
}

// The main thread's id is 0, which means free.
function keyOf(id: number): number {
  return id + 1;
}
