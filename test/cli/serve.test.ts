import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bytesOf, Client } from "../web/support.ts";
import { runCli, startCli } from "./run-cli.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "telltale-serve-test-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** The built server in a process of its own, whose temporary files go into `folder`. */
async function serve(...args: string[]) {
  const child = startCli(["serve", "--port", "0", "--backend", "wasm", "--workers", "1", ...args], {
    TMPDIR: folder,
  });
  let stderr = "";
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  const url = await new Promise<string>((resolve, reject) => {
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
      const found = /Listening on (\S+)/.exec(stderr)?.[1];
      if (found) resolve(found);
    });
    child.once("close", () => reject(new Error(stderr)));
  });
  return { child, url, ended, said: () => stderr };
}

const uploads = () => readdirSync(folder).filter((name) => name.startsWith("telltale-serve-"));

describe.skipIf(process.platform === "win32")("telltale serve", () => {
  test("finishes what runs when it is told to stop, and takes nothing more", async () => {
    const { child, url, ended, said } = await serve("--frames", "16");
    const me = new Client(url);
    const waiting = me.post(bytesOf("forged.mp4"), "?wait");
    while (uploads().flatMap((name) => readdirSync(join(folder, name))).length === 0) await sleep(5);
    // Its upload has arrived once it is counted as a job.
    while (!/telltale_queue\{state="running"\} 1/.test(await (await me.ask("metrics")).text()))
      await sleep(5);
    child.kill("SIGTERM");
    while (!said().includes("Stopping")) await sleep(5);
    const late = await me.post("x").then(
      ({ status }) => status,
      () => "closed",
    );
    expect([503, "closed"]).toContain(late);
    expect((await waiting).status).toBe(200);
    expect(await ended).toBe(0);
    expect(uploads()).toEqual([]);
  });

  test("reports what does not end in time as stopped", async () => {
    const { child, url, ended } = await serve("--frames", "5000", "--grace-sec", "0");
    const me = new Client(url);
    const waiting = me.post(bytesOf("forged.mp4"), "?wait");
    while (!/telltale_queue\{state="running"\} 1/.test(await (await me.ask("metrics")).text()))
      await sleep(5);
    child.kill("SIGINT");
    expect(await (await waiting).json()).toMatchObject({ error: { code: "SERVER_STOPPING" } });
    expect(await ended).toBe(0);
    expect(uploads()).toEqual([]);
  });

  test("keeps results in --store over a restart, and sweeps what a crash left behind", async () => {
    const store = join(folder, "results");
    const first = await serve("--store", store, "--frames", "4");
    const me = new Client(first.url);
    const kept = await me.end((await me.send("still.jpg")).id);
    await me.send("forged.mp4");
    first.child.kill("SIGKILL");
    await first.ended;
    expect(uploads()).toHaveLength(1);
    const second = await serve("--store", store, "--frames", "4");
    // The one folder is its own.
    expect(uploads()).toHaveLength(1);
    expect(uploads().flatMap((name) => readdirSync(join(folder, name)))).toEqual([]);
    // A secret outlives the server; a stranger's does not open it.
    const { headers } = me;
    const back = new Client(second.url, headers);
    expect(await (await back.ask(`api/jobs/${kept.id}`)).json()).toEqual(kept);
    expect((await new Client(second.url).ask(`api/jobs/${kept.id}`)).status).toBe(404);
    second.child.kill("SIGTERM");
    expect(await second.ended).toBe(0);
    expect(existsSync(store)).toBe(true);
  });

  test("says in a sentence what is wrong with a flag, a port or a certificate", async () => {
    const taken = await serve();
    const { port } = new URL(taken.url);
    const wrong = async (...args: string[]) => {
      const { code, stderr } = await runCli(["serve", "--backend", "wasm", ...args]);
      return { code, stderr };
    };
    expect(await wrong("--port", port)).toEqual({
      code: 2,
      stderr: `telltale: Expected to listen on port ${port} of 127.0.0.1 but could not (EADDRINUSE); give another --port or --host.\n`,
    });
    expect(await wrong("--tls", "cert.pem")).toEqual({
      code: 2,
      stderr: "telltale: Expected two files for --tls, certificate and key.\n",
    });
    expect((await wrong("--tls", "no-cert.pem", "no-key.pem")).stderr).toMatch(
      /^telltale: Expected two readable PEM files for --tls but received no-cert\.pem and no-key\.pem: .*ENOENT/,
    );
    expect((await wrong("--jobs", "0")).stderr).toBe(
      "telltale: Expected a whole number from 1 to 64 for --jobs but received 0.\n",
    );
    taken.child.kill("SIGTERM");
    await once(taken.child, "close");
  });
});
