import type { ChildProcess } from "node:child_process";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

// The only mutable state of this folder: children that must not outlive this process.
const live = new Set<ChildProcess>();

/** Process ids of the running ffmpeg and ffprobe processes. */
export function liveChildren(): readonly number[] {
  return [...live].flatMap((child) => child.pid ?? []);
}

/** Kills `child` when this process exits or is terminated by a signal. */
export function trackChild(child: ChildProcess): void {
  if (live.size === 0) watchProcess();
  live.add(child);
  const forget = () => {
    if (live.delete(child) && live.size === 0) unwatchProcess();
  };
  child.once("exit", forget);
  child.once("error", () => {
    if (child.pid === undefined) forget();
  });
}

function killAll(): void {
  for (const child of live) child.kill("SIGKILL");
}

// Other listeners handle the signal themselves, e.g. a server that finishes its jobs. Without other listeners the children are
// killed and the signal has its default effect.
function handleSignal(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return;
  killAll();
  unwatchProcess();
  process.kill(process.pid, signal);
}

// Listens only while children run, so that importing the library does not change how a program exits.
function watchProcess(): void {
  process.on("exit", killAll);
  for (const signal of signals) process.on(signal, handleSignal);
}

function unwatchProcess(): void {
  process.off("exit", killAll);
  for (const signal of signals) process.off(signal, handleSignal);
}
