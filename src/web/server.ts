import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { TelltaleError } from "../errors.ts";
import type { DetectOptions } from "../index.ts";
import { Access } from "./access.ts";
import { ActiveJobs } from "./active-jobs.ts";
import { Analyzer } from "./analyzer.ts";
import { makeApp } from "./app.ts";
import { FileStore } from "./file-store.ts";
import { JobQueue } from "./job-queue.ts";
import { MemoryStore } from "./memory-store.ts";
import { Metrics } from "./metrics.ts";
import { type ServeOptions, type Timings, timings as usualTimings } from "./options.ts";
import { ResultStore } from "./result-store.ts";
import { runJob } from "./run-job.ts";
import type { ServerParts } from "./server-parts.ts";
import { UploadFolder } from "./upload-folder.ts";

/** Connections at once, idle ones included; more are closed before they cost anything. */
const MAX_CONNECTIONS = 512;
/** What has just ended is told to those who wait for it within this time. Milliseconds. */
const TELL_MS = 5000;
/** After this long without traffic, a peer is asked whether it is still there. Milliseconds. */
const KEEP_ALIVE_MS = 30_000;

// From source there is no page beside this file: `npm run build` puts it into dist.
const builtPage = fileURLToPath(
  new URL(import.meta.url.endsWith(".ts") ? "../../dist/web/page" : "./page", import.meta.url),
);

export interface StartOptions {
  readonly serve: ServeOptions;
  readonly detect: DetectOptions;
  readonly timings?: Partial<Timings>;
  /** Folder of the built page. */
  readonly pageFolder?: string;
}

/** A server that listens. */
export interface RunningServer {
  /** e.g. `http://127.0.0.1:8080/`. */
  readonly url: string;
  readonly analyzer: Pick<Analyzer, "detector">;
  /** Takes no more files, gives what runs its time, reports the rest as stopped, and ends. */
  stop(): Promise<void>;
}

/**
 * Loads the model and starts to listen.
 *
 * @throws TelltaleError as `openDetector`; `USAGE` where it cannot listen or read the certificate,
 *   `OUTPUT_UNWRITABLE` for the store
 */
export async function startServer(start: StartOptions): Promise<RunningServer> {
  const { serve, pageFolder = builtPage } = start;
  const timings = { ...usualTimings, ...start.timings };
  const tls = serve.tls && (await readTls(serve.tls));
  const backend = serve.store === undefined ? new MemoryStore() : new FileStore(serve.store);
  const store = await ResultStore.open(backend, serve.keepMib * 2 ** 20);
  const uploads = await UploadFolder.open();
  const analyzer = await Analyzer.open(start.detect, serve, uploads).catch(async (error) => {
    await uploads.remove();
    throw error;
  });
  const jobs = new ActiveJobs(timings.leftMs);
  const queue = new JobQueue({ ...serve, run: (job) => runJob(job, parts) });
  const isPublicTls = serve.tls !== undefined || serve.origin?.startsWith("https:") === true;
  const access = new Access({ token: serve.token, hasTls: isPublicTls });
  const metrics = new Metrics({ queue, store });
  const parts: ServerParts = {
    ...{ options: serve, timings, analyzer, queue, jobs, store, uploads, access, metrics },
  };

  const app = makeApp(parts, pageFolder);
  const server = makeServer(app, timings, tls);
  const sweeping = setInterval(() => void store.sweep(), timings.sweepMs).unref();
  const end = async () => {
    clearInterval(sweeping);
    try {
      await analyzer.close();
    } finally {
      await uploads.remove();
    }
  };
  try {
    await listen(server, serve);
  } catch (error) {
    await end();
    throw error;
  }
  return {
    url: urlOf(server, serve),
    analyzer,
    stop: async () => {
      await finishJobs(queue, serve.graceSec, () => server.closeAllConnections());
      server.close();
      setTimeout(() => server.closeAllConnections(), TELL_MS).unref();
      await once(server, "close");
      await end();
    },
  };
}

/** @param cut closes all connections, which ends the uploads that go on */
async function finishJobs(queue: JobQueue, graceSec: number, cut: () => void): Promise<void> {
  const sentence = "The server was stopped before the job had ended: send the file again.";
  const clocks = [
    setTimeout(() => {
      for (const job of queue.active) job.cancel(new TelltaleError("SERVER_STOPPING", sentence));
    }, graceSec * 1000),
    setTimeout(cut, graceSec * 1000 + TELL_MS),
  ];
  await queue.stop();
  for (const clock of clocks) clearTimeout(clock);
}

function makeServer(
  app: RequestListener,
  { headersMs, idleMs }: Timings,
  tls: { cert: Buffer; key: Buffer } | undefined,
): Server {
  const options = {
    headersTimeout: headersMs,
    // An upload may take long; how long, and how slowly, is watched where it is received.
    requestTimeout: 0,
    connectionsCheckingInterval: Math.min(1000, headersMs),
    maxHeaderSize: 16 << 10,
    keepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_MS,
  };
  const server = tls ? createTlsServer({ ...options, ...tls }, app) : createServer(options, app);
  server.maxConnections = MAX_CONNECTIONS;
  server.setTimeout(idleMs);
  // Who asks first gets its refusal before it sends a byte; the upload's handler says go on.
  server.on("checkContinue", app);
  return server;
}

async function listen(server: Server, { host, port }: ServeOptions): Promise<void> {
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch (cause) {
    const why = (cause as NodeJS.ErrnoException).code ?? String(cause);
    const sentence = `Expected to listen on port ${port} of ${host} but could not (${why}); give another --port or --host.`;
    throw new TelltaleError("USAGE", sentence, { cause });
  }
}

function urlOf(server: Server, { tls }: ServeOptions): string {
  const { address, family, port } = server.address() as AddressInfo;
  return `${tls ? "https" : "http"}://${family === "IPv6" ? `[${address}]` : address}:${port}/`;
}

async function readTls([cert = "", key = ""]: readonly string[]): Promise<{ cert: Buffer; key: Buffer }> {
  try {
    return { cert: await readFile(cert), key: await readFile(key) };
  } catch (cause) {
    const sentence = `Expected two readable PEM files for --tls but received ${cert} and ${key}: ${cause}.`;
    throw new TelltaleError("USAGE", sentence, { cause });
  }
}
