import { getEnvironmentData, setEnvironmentData, threadId } from "node:worker_threads";

const KEY = "telltale/load-lock";
/** A lock that is held longer than this is considered stale, and the next thread takes it over. */
const PATIENCE_MS = 10_000;
const FREE = 0;

/** Shares the lock with all threads that are started later. */
export function shareLoadLock(): void {
  if (getEnvironmentData(KEY) === undefined) setEnvironmentData(KEY, new SharedArrayBuffer(4));
}

/**
 * Runs `load` while no other thread of this process does. The TensorFlow library must not be loaded by several threads at
 * once: with three threads, 3 of 140 processes crashed; with this lock none of 140.
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

/** Frees the lock if the ended thread still holds it. */
export function releaseLoadLock(endedThreadId: number): void {
  const lock = sharedLock();
  if (lock !== null) release(lock, keyOf(endedThreadId));
}

// Compares the holder, because another thread may have taken over a stale lock.
function release(lock: Int32Array, holder: number): void {
  if (Atomics.compareExchange(lock, 0, holder, FREE) === holder) Atomics.notify(lock, 0);
}

function sharedLock(): Int32Array | null {
  const shared = getEnvironmentData(KEY);
  return shared instanceof SharedArrayBuffer ? new Int32Array(shared) : null;
}

// The id of the main thread is 0, which means free here.
function keyOf(id: number): number {
  return id + 1;
}
