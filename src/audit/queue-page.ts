import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { TelltaleError } from "../errors.ts";
import { formatQueuePage, type QueueState } from "../report/audit/queue-page.ts";
import { closeQueue, connect, openQueue, type QueueProgress, type TaskQueue } from "./queue.ts";

/** Failed tasks shown; the ledger has all of them. */
const MAX_FAILED = 20;
/** Running tasks shown. */
const MAX_ACTIVE = 200;

/** A running server of the queue's page. */
export interface QueuePage {
  readonly address: string;
  close(): Promise<void>;
}

/**
 * Serves a page about the queue on 127.0.0.1: counts, workers, running and failed tasks.
 *
 * @param port 0 for any free port
 * @throws TelltaleError `QUEUE_UNAVAILABLE`, `USAGE` if the port is in use
 */
export async function serveQueuePage(redis: string, port: number): Promise<QueuePage> {
  const connection = await connect(redis);
  const queue = openQueue(connection);
  const server = createServer(async (request, response) => {
    const { port: ownPort } = server.address() as AddressInfo;
    // Against DNS rebinding: a foreign host name that resolves to 127.0.0.1.
    const isOwnHost = [`127.0.0.1:${ownPort}`, `localhost:${ownPort}`].includes(request.headers.host ?? "");
    if (!isOwnHost || request.method !== "GET" || request.url !== "/") {
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
    const sentence = `Expected a free port for the queue's page but ${port} is not available; set another --page.`;
    throw new TelltaleError("USAGE", sentence, { cause });
  }
  const { port: ownPort } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${ownPort}/`,
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
  // Audits remove results after fetching them; metrics still count them.
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
