import type { ChildProcess } from "node:child_process";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

// The one mutable state of this folder: the children that must not outlive this process.
const live = new Set<ChildProcess>();

/** Process ids of the ffmpeg and ffprobe processes that are running now. */
export function liveChildren(): readonly number[] {
  return [...live].flatMap((child) => child.pid ?? []);
}

/** Makes sure that `child` dies no later than this process, whether that ends, throws or dies of a signal. */
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

// Whoever else listens decides what the signal means: a server may finish what runs. With nobody else it has its
// default effect, and the children go first.
function dieOf(signal: NodeJS.Signals): void {
  if (process.listenerCount(signal) > 1) return;
  killAll();
  unwatchProcess();
  process.kill(process.pid, signal);
}

// Only while a child lives, so that importing this library changes nothing about how a program ends.
function watchProcess(): void {
  process.on("exit", killAll);
  for (const signal of signals) process.on(signal, dieOf);
}

function unwatchProcess(): void {
  process.off("exit", killAll);
  for (const signal of signals) process.off(signal, dieOf);
}
