import { type ChildProcess, spawn } from "node:child_process";
import { mkdir } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { connect, openQueue } from "../../../src/audit/queue.ts";
import { differences, judgedTwice, missingReports, readLedger, type Started, start } from "./audits.ts";

export interface QueueProof {
  readonly cli: string;
  readonly folder: string;
  /** Ledger of an undisturbed audit in one process. */
  readonly baseline: string;
  readonly out: string;
  /** Flags of the audit. */
  readonly flags: readonly string[];
  /** Flags of each worker besides the address of the queue. */
  readonly workerFlags: readonly string[];
  readonly workers: number;
  /** Data folder of Redis. */
  readonly redisDir: string;
  readonly say: (sentence: string) => void;
}

/**
 * Audits a folder with several workers over a queue, kills one worker during an analysis, restarts Redis once, and compares the
 * ledger with that of an undisturbed audit.
 *
 * @returns errors, one sentence each
 */
export async function proveQueue(proof: QueueProof): Promise<string[]> {
  const { cli, folder, out, say } = proof;
  const port = await freePort();
  const url = `redis://127.0.0.1:${port}`;
  let redis = await startRedis(port, proof.redisDir);
  const workers = Array.from({ length: proof.workers }, () =>
    start(cli, ["worker", "--redis", url, ...proof.workerFlags]),
  );
  const audit = start(cli, ["audit", folder, "--out", out, "--redis", url, ...proof.flags, "--quiet"]);
  const total = (await readLedger(proof.baseline)).length;
  const wrong: string[] = [];
  try {
    await linesReach(Math.ceil(total / 5), out, audit);
    await killAtWork(workers[0]!, url, say);
    await linesReach(Math.ceil(total / 2), out, audit);
    redis.kill("SIGKILL");
    await new Promise((resolve) => redis.once("close", resolve));
    say(`Redis killed with ${(await readLedger(out, true)).length} lines in the ledger`);
    await sleep(1500);
    redis = await startRedis(port, proof.redisDir);
    say("Redis started again");
    const code = await audit.ended;
    if (![0, 1, 10, 11].includes(code ?? -1)) wrong.push(`the audit ended with ${code}: ${audit.stderr()}`);
    for (const [i, worker] of workers.entries()) {
      if (i > 0 && worker.child.exitCode !== null) wrong.push(`worker ${i} ended: ${worker.stderr()}`);
      worker.child.kill("SIGTERM");
      await worker.ended;
      say(`worker ${i}: ${worker.stderr().trim().split("\n").at(-1)}`);
    }
    const [expected, found] = [await readLedger(proof.baseline), await readLedger(out)];
    wrong.push(...differences(expected, found));
    wrong.push(...judgedTwice(found).map((sha256) => `judged twice: ${sha256}`));
    wrong.push(...missingReports(out, found).map((path) => `not there: ${path}`));
    say(`${found.length} lines, ${expected.length} in the audit that was left alone`);
    return wrong;
  } finally {
    for (const { child } of [audit, ...workers]) child.kill("SIGKILL");
    redis.kill("SIGKILL");
  }
}

/** `redis-server` with persistence. */
export async function startRedis(port: number, dir: string): Promise<ChildProcess> {
  await mkdir(dir, { recursive: true });
  const durable = ["--appendonly", "yes", "--appendfsync", "always", "--save", ""];
  const server = spawn(
    "redis-server",
    ["--port", String(port), "--bind", "127.0.0.1", "--dir", dir, ...durable, "--loglevel", "warning"],
    { stdio: "ignore" },
  );
  const client = new Redis(port, { maxRetriesPerRequest: null, retryStrategy: () => 100 });
  client.on("error", () => {});
  await client.ping();
  client.disconnect();
  return server;
}

/** A free port. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function linesReach(count: number, out: string, { child, stderr }: Started): Promise<void> {
  while ((await readLedger(out, true)).length < count) {
    if (child.exitCode !== null) throw new Error(`the audit ended too early: ${stderr()}`);
    await sleep(50);
  }
}

/** Kills a worker while it has an active job. */
async function killAtWork(worker: Started, url: string, say: (sentence: string) => void): Promise<void> {
  const connection = await connect(url);
  const queue = openQueue(connection);
  try {
    for (;;) {
      const active = await queue.getActive();
      const own = active.find(({ progress }) =>
        String((progress as { worker?: string }).worker).endsWith(`-${worker.child.pid}`),
      );
      if (own) {
        worker.child.kill("SIGKILL");
        await worker.ended;
        say(`a worker killed while it judged ${own.data.path}`);
        return;
      }
      await sleep(20);
    }
  } finally {
    await queue.close();
    connection.disconnect();
  }
}
