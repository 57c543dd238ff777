import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";

/** A process as the system lists it. */
export interface ListedProcess {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
  /** First letter of its state: `Z` is dead and waits to be reaped. */
  readonly state: string;
}

/** All processes; from /proc on Linux, where a slim image has no `ps`. */
function listProcesses(): readonly ListedProcess[] {
  if (!existsSync("/proc/self/stat")) {
    const list = execFileSync("ps", ["-A", "-o", "pid=,ppid=,stat=,comm="], { encoding: "utf8" });
    return list.split("\n").map((line) => {
      const [pid, parent, state = "", name = ""] = line.trim().split(/\s+/);
      return { pid: Number(pid), parent: Number(parent), state, name };
    });
  }
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((pid) => {
      try {
        // proc(5): pid (comm) state ppid ...
        const [, name = "", state = "", parent] =
          /^\d+ \((.*)\) (\S) (\d+)/s.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ?? [];
        return [{ pid: Number(pid), parent: Number(parent), state, name }];
      } catch {
        return [];
      }
    });
}

/** Children of this process that are called ffmpeg; dead ones that nobody waited for too. */
export function ffmpegChildren(): readonly ListedProcess[] {
  return listProcesses().filter(({ parent, name }) => parent === process.pid && /ffmpeg/.test(name));
}

/** Whether a process lives. A dead orphan stays listed where the container's first process does not reap. */
export function isRunning(pid: number): boolean {
  return listProcesses().some((one) => one.pid === pid && !one.state.startsWith("Z"));
}
