// Three workers over Redis, with one killed worker and a restart of Redis, give the same ledger as an undisturbed audit in one
// process. Needs redis-server (Debian: apt-get install redis-server), which is started here.
//   npx tsx scripts/proofs/audit-queue.ts --work DIR (of audit-kills.ts) [--workers 3] [--cli ...]
//     [--worker-flag FLAG...] [-- flags of the audit]
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { builtCli } from "./audit/audits.ts";
import { proveQueue } from "./audit/queue.ts";

const { values, positionals: flags } = parseArgs({
  options: {
    work: { type: "string", default: "cache/proofs/audit" },
    workers: { type: "string", default: "3" },
    "worker-flag": { type: "string", multiple: true, default: ["--jobs=1"] },
    cli: { type: "string", default: builtCli },
  },
  allowPositionals: true,
});
const { work, cli } = values;
const say = (sentence: string) => console.log(`${new Date().toISOString().slice(11, 19)} ${sentence}`);
const [out, redisDir] = [join(work, "queued"), join(work, "redis")];
await rm(out, { recursive: true, force: true });
await rm(redisDir, { recursive: true, force: true });
const wrong = await proveQueue({
  ...{ cli, flags, out, redisDir, say },
  folder: join(work, "media"),
  baseline: join(work, "alone"),
  workerFlags: values["worker-flag"],
  workers: Number(values.workers),
});
for (const sentence of wrong.slice(0, 20)) say(`WRONG: ${sentence}`);
say(wrong.length === 0 ? "the ledgers are the same" : `${wrong.length} things are wrong`);
process.exitCode = wrong.length === 0 ? 0 : 1;
