import { execFileSync } from "node:child_process";

/** Why the tests of the queue cannot run here; null when they can. */
export const redisMissing = hasRedis() ? null : "no redis-server here (Debian: apt-get install redis-server)";

if (redisMissing) console.warn(`SKIPPED: nothing is queued: ${redisMissing}.`);

function hasRedis(): boolean {
  try {
    execFileSync("redis-server", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
