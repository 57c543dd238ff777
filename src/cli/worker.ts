import { once } from "node:events";
import type { Command } from "commander";
import { z } from "zod";
import { workerOptionsSchema } from "../audit/options.ts";
import type { WorkerEvent } from "../audit/queue-worker.ts";
import { withRedis } from "../audit/with-redis.ts";
import { say } from "./failure.ts";
import { addFlags, readFlags } from "./flags.ts";
import { SignalAbort } from "./signals.ts";

export const workerCommandSchema = z.strictObject({
  verbose: z.boolean().default(false).describe("Say on stderr what is taken and done."),
});

const help = `
Takes files that audits with --redis have queued, on this machine or others, and hands the results back. A worker that
dies gives its files back; one that gets Ctrl-C or SIGTERM finishes those it has, and at the second one stops at once.

Examples:
  telltale worker --redis redis://queue:6379
  telltale worker --redis redis://queue:6379 --media /mnt/share --jobs 4
  telltale worker --redis redis://queue:6379 --media https://files.example/share
`;

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Adds `telltale worker`. */
export function addWorker(program: Command): void {
  const command = program
    .command("worker")
    .description("Judges files that audits on other machines have put on a queue.")
    .addHelpText("after", help);
  addFlags(command, workerOptionsSchema);
  addFlags(command, workerCommandSchema);
  command.action(async (flags: Record<string, unknown>) => {
    const options = readFlags(workerOptionsSchema, flags);
    const { verbose } = readFlags(workerCommandSchema, flags);
    const { startWorker } = await withRedis(() => import("../audit/queue-worker.ts"));
    const stop = new AbortController();
    const worker = await startWorker(options, {
      signal: stop.signal,
      onEvent: (event) => {
        const sentence = sentenceOf(event, verbose);
        if (sentence !== null) say(sentence);
      },
    });
    const page = await servePage(options);
    say(`${worker.name} takes files from the queue.`);
    const signal = await Promise.race(signals.map((name) => once(process, name).then(() => name)));
    for (const name of signals) process.once(name, () => process.exit(new SignalAbort(name).exitCode));
    say(`Stopping by ${signal}: what is being judged is finished first.`);
    await worker.close();
    await page?.close();
    say(`${worker.name} has judged ${worker.done} files.`);
  });
}

async function servePage({ redis, page }: { readonly redis: string; readonly page?: number | undefined }) {
  if (page === undefined) return null;
  const { serveQueuePage } = await withRedis(() => import("../audit/queue-page.ts"));
  const served = await serveQueuePage(redis, page);
  say(`The queue is shown at ${served.address}`);
  return served;
}

function sentenceOf(event: WorkerEvent, verbose: boolean): string | null {
  if (event.kind === "error") return `Queue error: ${event.why}`;
  if (event.kind === "failed") return `${event.path} goes back to the queue: ${event.why}`;
  return verbose ? `${event.kind} ${event.path}` : null;
}
