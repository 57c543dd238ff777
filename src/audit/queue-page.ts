import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { TelltaleError } from "../errors.ts";
import { formatQueuePage, type QueueState } from "../report/audit/queue-page.ts";
import { closeQueue, connect, openQueue, type QueueProgress, type TaskQueue } from "./queue.ts";

/** Failed tasks that are named; the ledger has them all. */
const MAX_FAILED = 20;
/** Tasks under way that are shown. */
const MAX_ACTIVE = 200;

/** The page of a queue, being served. */
export interface QueuePage {
  readonly address: string;
  close(): Promise<void>;
}

/**
 * Shows a queue on a page of this machine alone: what waits, who judges what and how far, what failed.
 *
 * @param port 0 for any
 * @throws TelltaleError `QUEUE_UNAVAILABLE`, `USAGE` for a port that is taken
 */
export async function serveQueuePage(redis: string, port: number): Promise<QueuePage> {
  const connection = await connect(redis);
  const queue = openQueue(connection);
  const server = createServer(async (request, response) => {
    const { port: own } = server.address() as AddressInfo;
    // Another site's name that points here could read the page through the browser (DNS rebinding).
    const isOwn = [`127.0.0.1:${own}`, `localhost:${own}`].includes(request.headers.host ?? "");
    if (!isOwn || request.method !== "GET" || request.url !== "/") {
      response.writeHead(404).end();
      return;
    }
    try {
      const page = formatQueuePage(await stateOf(queue), new Date());
      response.writeHead(200, {
        "content-type": "text/html; charset=utf-8",
        "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
        "cache-control": "no-store",
        "x-content-type-options": "nosniff",
      });
      response.end(page);
    } catch (error) {
      response.writeHead(503, { "content-type": "text/plain" }).end(`Redis does not answer: ${error}`);
    }
  });
  try {
    await listen(server, port);
  } catch (cause) {
    await closeQueue(queue, connection);
    const sentence = `Expected to serve the queue's page at port ${port} but it cannot be had; give another --page.`;
    throw new TelltaleError("USAGE", sentence, { cause });
  }
  const { port: own } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${own}/`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await closeQueue(queue, connection);
    },
  };
}

async function stateOf(queue: TaskQueue): Promise<QueueState> {
  const [present, completed, failures] = await Promise.all([
    queue.getJobCounts("waiting", "active", "delayed", "completed", "failed"),
    queue.getMetrics("completed"),
    queue.getMetrics("failed"),
  ]);
  // A result is removed once its audit has fetched it; the workers' metrics still count it.
  const counts = {
    ...present,
    completed: Math.max(present.completed ?? 0, completed.meta.count),
    failed: Math.max(present.failed ?? 0, failures.meta.count),
  };
  const [active, failed, workers] = await Promise.all([
    queue.getActive(0, MAX_ACTIVE - 1),
    queue.getFailed(0, MAX_FAILED - 1),
    queue.getWorkers(),
  ]);
  return {
    counts,
    workers: workers.map((worker) => worker.rawname?.split(":").at(-1) ?? worker.name ?? "unknown"),
    active: active.map(({ data, progress, processedOn, attemptsMade }) => ({
      path: data.path,
      attempts: attemptsMade + 1,
      sinceMs: processedOn ?? null,
      ...((typeof progress === "object" ? progress : {}) as Partial<QueueProgress>),
    })),
    failed: failed.map(({ data, failedReason }) => ({ path: data.path, why: failedReason })),
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve());
  });
}
