import { readdir, rm } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { isAlive } from "../files/is-alive.ts";

/** Contains the host name: containers may share a temporary folder but not their process ids. */
export const copyPrefix = `telltale-copy-${hostname()}-`;

/** Removes temporary copies of processes that were killed. */
export async function removeStaleCopies(): Promise<void> {
  const names = await readdir(tmpdir()).catch(() => []);
  for (const name of names) {
    const pid = name.startsWith(copyPrefix) ? Number.parseInt(name.slice(copyPrefix.length), 10) : Number.NaN;
    if (Number.isNaN(pid) || isAlive(pid)) continue;
    await rm(join(tmpdir(), name), { recursive: true, force: true }).catch(() => {});
  }
}
