import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { removeStaleCopies } from "../../src/detection/stale-copies.ts";

const made: string[] = [];
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function copyOf(pid: number, host = hostname()): string {
  const folder = join(tmpdir(), `telltale-copy-${host}-${pid}-test`);
  mkdirSync(folder, { recursive: true });
  made.push(folder);
  return folder;
}

test("the copies of a killed process are removed, those of others are not", async () => {
  const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  child.kill("SIGKILL");
  await once(child, "exit");
  const [dead, own, elsewhere] = [
    copyOf(child.pid!),
    copyOf(process.pid),
    copyOf(child.pid!, "elsewhere.test"),
  ];
  await removeStaleCopies();
  expect([dead, own, elsewhere].map((path) => existsSync(path))).toEqual([false, true, true]);
});
