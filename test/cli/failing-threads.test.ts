import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { copyFile, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { bytesOf, Client } from "../web/support.ts";
import { fixture, runCli, startCli } from "./run-cli.ts";

const preload = resolve(import.meta.dirname, "../detection/failing-threads.cjs");
let folder: string;
let env: NodeJS.ProcessEnv;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "telltale-threads-test-"));
  mkdirSync(join(folder, "failures"));
  mkdirSync(join(folder, "tmp"));
  env = {
    NODE_OPTIONS: `--require ${preload} --trace-warnings`,
    FAIL_FOLDER: join(folder, "failures"),
    TMPDIR: join(folder, "tmp"),
  };
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Lets the next frames fail this way. */
function failNext(...ways: ("exit" | "spin")[]): void {
  for (const [i, way] of ways.entries()) writeFileSync(join(folder, "failures", `${way}-${i}`), "");
}
const failuresLeft = () => readdirSync(join(folder, "failures")).length;

const common = ["--backend", "wasm", "--frames", "3"];
const files = [fixture("still.jpg"), fixture("authentic.mp4"), fixture("still-forged.jpg")];

interface Line {
  verdict: string | null;
  error?: { code: string };
}
const outcomes = (stdout: string) =>
  stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Line)
    .map(({ verdict, error }) => error?.code ?? (verdict === null ? "none" : "judged"));

describe("a scoring thread that dies", () => {
  test("once costs no file of a batch its verdict", async () => {
    failNext("exit");
    const { stdout, stderr } = await runCli(
      ["detect", ...common, "--workers", "1", "--json", "-", ...files],
      env,
    );
    expect(outcomes(stdout)).toEqual(["judged", "judged", "judged"]);
    expect(failuresLeft()).toBe(0);
    expect(stderr).not.toMatch(/Warning/);
  });

  test("twice of one file is that file's own error, and the batch goes on", async () => {
    failNext("exit", "exit");
    const { stdout, code } = await runCli(
      ["detect", ...common, "--workers", "1", "--json", "-", ...files],
      env,
    );
    expect(outcomes(stdout)).toEqual(["WORKER_FAILED", "judged", "judged"]);
    expect(code).not.toBe(0);
  });

  test("is on record for that file in an audit, which judges the others", async () => {
    const media = join(folder, "media");
    mkdirSync(media);
    for (const [i, file] of files.entries())
      await copyFile(file, join(media, `${i}.${file.split(".").at(-1)}`));
    failNext("exit", "exit");
    const out = join(folder, "audit");
    await runCli(["audit", media, "--out", out, "--jobs", "1", ...common, "--quiet"], env);
    const entries = (await readFile(join(out, "ledger.jsonl"), "utf8")).trim().split("\n");
    const codes = entries.flatMap((entry) => /"code":"(\w+)"/.exec(entry)?.[1] ?? []);
    expect(codes).toEqual(["WORKER_FAILED"]);
    expect(entries.filter((entry) => /"outcome":"(authentic|forged|inconclusive)"/.test(entry))).toHaveLength(
      2,
    );
  });
});

/** The built server in a process of its own. */
async function serve(...args: string[]) {
  const child = startCli(["serve", "--port", "0", ...common, "--workers", "1", ...args], env);
  let stderr = "";
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise<number | null>((done) => child.once("close", done));
  await vi.waitUntil(() => stderr.includes("Listening on ") || child.exitCode !== null, { timeout: 30_000 });
  const url = /Listening on (\S+)/.exec(stderr)?.[1];
  if (url === undefined) throw new Error(stderr);
  return { child, me: new Client(url), ended, said: () => stderr };
}

describe.skipIf(process.platform === "win32")("a server", () => {
  test("whose thread dies of a file reports that, judges the next one and ends on SIGTERM", async () => {
    const { child, me, ended, said } = await serve();
    failNext("exit", "exit");
    const failed = await me.post(bytesOf("still.jpg"), "?wait");
    expect([failed.status, ((await failed.json()) as Line).error?.code]).toEqual([422, "WORKER_FAILED"]);
    expect((await me.post(bytesOf("still.jpg"), "?wait")).status).toBe(200);
    child.kill("SIGTERM");
    expect(await ended).toBe(0);
    expect(said()).not.toMatch(/Warning/);
  });

  test("ends a thread that spins once its job takes too long, and judges the next file", async () => {
    const { child, me, ended } = await serve("--job-sec", "1", "--jobs", "1");
    failNext("spin");
    const late = await me.post(bytesOf("still.jpg"), "?wait");
    expect([late.status, ((await late.json()) as Line).error?.code]).toEqual([422, "JOB_TIMEOUT"]);
    child.kill("SIGTERM");
    expect(await ended).toBe(0);
  });

  test("ends a thread that spins when its client leaves, and gives the place back", async () => {
    const { child, me, ended } = await serve("--jobs", "1", "--queue", "0");
    failNext("spin");
    const stop = new AbortController();
    const body = bytesOf("still.jpg");
    const left = me
      .ask("api/jobs?wait", { method: "POST", body, signal: stop.signal })
      .catch((error: Error) => error.name);
    await vi.waitUntil(() => failuresLeft() === 0, { timeout: 30_000 });
    stop.abort();
    expect(await left).toBe("AbortError");
    await vi.waitUntil(
      async () => {
        const response = await me.post(bytesOf("still.jpg"), "?wait");
        return response.status === 200;
      },
      { timeout: 30_000 },
    );
    child.kill("SIGTERM");
    expect(await ended).toBe(0);
  });

  test("ends on SIGTERM while a thread spins, and reports the job as stopped", async () => {
    const { child, me, ended } = await serve("--grace-sec", "0");
    failNext("spin");
    const waiting = me.post(bytesOf("still.jpg"), "?wait");
    await vi.waitUntil(() => failuresLeft() === 0, { timeout: 30_000 });
    child.kill("SIGTERM");
    expect(((await (await waiting).json()) as Line).error?.code).toBe("SERVER_STOPPING");
    expect(await ended).toBe(0);
  });

  test("ends on SIGTERM after uploads that could not be written", async () => {
    const { child, me, ended, said } = await serve();
    rmSync(join(folder, "tmp"), { recursive: true });
    const form = new FormData();
    form.append("file", new Blob([bytesOf("still.jpg")]), "still.jpg");
    expect((await me.post(form)).status).toBe(507);
    expect(said()).toContain("ENOENT");
    child.kill("SIGTERM");
    expect(await ended).toBe(0);
  });

  test("prints no warning while many uploads come at once", async () => {
    const { child, me, ended, said } = await serve("--jobs", "4", "--per-client", "32");
    const names = ["still.jpg", "forged.mp4", "still-forged.jpg", "text.mp4"];
    const posts = Array.from({ length: 16 }, (_, i) => me.post(bytesOf(names[i % 4]!), "?wait"));
    expect((await Promise.all(posts)).map(({ status }) => status)).toContain(200);
    child.kill("SIGTERM");
    expect(await ended).toBe(0);
    expect(said()).not.toMatch(/Warning|^\s+at /m);
  });
});
