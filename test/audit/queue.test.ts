import type { ChildProcess } from "node:child_process";
import { readFile } from "node:fs/promises";
import { createServer, get, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { builtCli, readLedger, runAudit } from "../../scripts/proofs/audit/audits.ts";
import { freePort, proveQueue, startRedis } from "../../scripts/proofs/audit/queue.ts";
import { addressOf } from "../../src/audit/open-media.ts";
import { serveQueuePage } from "../../src/audit/queue-page.ts";
import { type QueueWorker, startWorker, type WorkerEvent } from "../../src/audit/queue-worker.ts";
import { fill, runToEnd, temporaryFolder } from "./media-folder.ts";
import { redisMissing } from "./redis.ts";

test("an address escapes what a path may hold and an address may not", () => {
  const path = Buffer.from([..."in/a b?#%.mp4", "\u00e9"].join(""));
  expect(addressOf("http://host/share/", path)).toBe("http://host/share/in/a%20b%3F%23%25.mp4%C3%A9");
  expect(addressOf("http://host", Buffer.from([0x63, 0xe9]))).toBe("http://host/c%E9");
});

test("an address at which no Redis is ends an audit with one sentence, without the password", async () => {
  const work = await temporaryFolder();
  await fill(work, { "media/a.jpg": "still.jpg" });
  const port = await freePort();
  const redis = `redis://user:secret@127.0.0.1:${port}`;
  const running = runToEnd(join(work, "media"), { out: join(work, "out"), redis });
  await expect(running).rejects.toMatchObject({
    code: "QUEUE_UNAVAILABLE",
    message: expect.stringMatching(
      new RegExp(
        `^Expected Redis at redis://127\\.0\\.0\\.1:${port} but could not connect \\(.+\\); start redis-server or check --redis\\.$`,
      ),
    ),
  });
});

describe.skipIf(redisMissing)("a queue", { timeout: 400_000 }, () => {
  let work: string;
  let media: string;
  let redis: ChildProcess;
  let url: string;
  let files: Server;
  const requested: string[] = [];
  beforeAll(async () => {
    work = await temporaryFolder();
    media = join(work, "media");
    await fill(media, {
      "a.jpg": "still.jpg",
      "in/same #1.jpg": "still.jpg",
      "b.webp": "still.webp",
      "c.mp4": "authentic.mp4",
      "d.mp4": "text.mp4",
      "e.avif": "still.avif",
    });
    const port = await freePort();
    redis = await startRedis(port, join(work, "redis"));
    url = `redis://127.0.0.1:${port}`;
    files = createServer(async (request, response) => {
      requested.push(request.url!);
      const path = join(media, decodeURIComponent(request.url!).replace("/share", ""));
      response.end(await readFile(path).catch(() => ""));
    });
    await new Promise<void>((resolve) => files.listen(0, "127.0.0.1", () => resolve()));
  });
  afterAll(() => {
    redis?.kill("SIGKILL");
    files?.close();
  });

  async function withWorker(
    media: string | undefined,
    run: (events: WorkerEvent[]) => Promise<void>,
  ): Promise<QueueWorker> {
    const events: WorkerEvent[] = [];
    const stop = new AbortController();
    const worker = await startWorker(
      { redis: url, jobs: 1, backend: "wasm", ...(media === undefined ? {} : { media }) },
      { signal: stop.signal, onEvent: (event) => events.push(event) },
    );
    try {
      await run(events);
    } finally {
      await worker.close();
    }
    return worker;
  }

  const comparable = (entries: { at: string; tookSec: number; duplicateOf: string | null }[]) =>
    entries.map(({ at: _, tookSec: __, duplicateOf: ___, ...same }) => JSON.stringify(same)).sort();

  test("gives the entries of an audit in one process, from a shared path and from an address", async () => {
    const alone = await runToEnd(media, { out: join(work, "alone") });
    const shared = await withWorker(undefined, async (events) => {
      const { entries } = await runToEnd(media, { out: join(work, "shared"), redis: url });
      expect(comparable(entries)).toEqual(comparable(alone.entries));
      expect(events.filter(({ kind }) => kind === "failed")).toEqual([]);
    });
    // Texts are told without a worker, and of two same files one is analyzed.
    expect(shared.done).toBe(4);

    const address = `http://127.0.0.1:${(files.address() as AddressInfo).port}/share`;
    await withWorker(address, async () => {
      const { entries } = await runToEnd(media, { out: join(work, "fetched"), redis: url });
      expect(comparable(entries)).toEqual(comparable(alone.entries));
    });
    expect(requested).toHaveLength(4);

    // The results have been fetched; how many there were is still shown.
    const page = await serveQueuePage(url, 0);
    const shown = await (await fetch(page.address)).text();
    await page.close();
    expect(Number(/<strong>(\d+)<\/strong><span>done/.exec(shown)?.[1])).toBe(8);
  });

  test("shows on a page of this machine alone who takes tasks", async () => {
    const page = await serveQueuePage(url, 0);
    expect(await (await fetch(page.address)).text()).toContain("No worker is connected.");
    expect((await fetch(`${page.address}other`)).status).toBe(404);
    // As a browser would ask that was led here by another site's name.
    const status = await new Promise((resolve) => {
      get(page.address, { headers: { host: "evil.example" } }, (response) => resolve(response.statusCode));
    });
    expect(status).toBe(404);
    await page.close();
  });

  test("three workers, one killed while it analyzes and Redis killed once, give the ledger of one process", async () => {
    const folder = join(work, "many");
    const names = ["authentic.mp4", "forged.mp4", "two-people.mp4", "rotated.mp4", "vfr.mp4", "no-face.mp4"];
    const pictures = ["still.jpg", "still.avif", "still.webp", "alpha.png", "exif-orientation-6.jpg"];
    await fill(folder, Object.fromEntries([...names, ...pictures].map((name) => [name, name])));
    const flags = ["--backend", "wasm", "--frames", "8"];
    const baseline = join(work, "many-alone");
    await runAudit(builtCli, [folder, "--out", baseline, ...flags]);
    const wrong = await proveQueue({
      ...{ cli: builtCli, folder, baseline, flags, workers: 3 },
      out: join(work, "many-queued"),
      workerFlags: ["--backend", "wasm", "--jobs", "1"],
      redisDir: join(work, "many-redis"),
      say: () => {},
    });
    expect(wrong).toEqual([]);
    expect(await readLedger(join(work, "many-queued"))).toHaveLength(11);
  });
});
