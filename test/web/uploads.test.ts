import { spawnSync } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunningServer } from "../../src/web/server.ts";
import { bytesOf, Client, refusal, startTestServer, talk } from "./support.ts";

const usualTmp = process.env.TMPDIR;
const base = mkdtempSync(join(tmpdir(), "telltale-uploads-test-"));
const small = join(base, "small");
mkdirSync(small);
// A file system of 8 MiB needs root, and Linux.
const hasSmall = spawnSync("mount", ["-t", "tmpfs", "-o", "size=8m", "tmpfs", small]).status === 0;

/** A server whose uploads go into a folder. */
async function serveFrom(folder: string, timings = {}): Promise<RunningServer> {
  process.env.TMPDIR = folder;
  try {
    return await startTestServer({ perClient: 2 }, { timings, frames: 2 });
  } finally {
    if (usualTmp === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = usualTmp;
  }
}

const formOf = (bytes: Uint8Array<ArrayBuffer>, field = "file") => {
  const form = new FormData();
  form.append(field, new Blob([bytes]), "clip.mp4");
  return form;
};
/** What lies in the server's own folder; its threads' compiler writes into the temporary folder too. */
const filesIn = (folder: string) =>
  readdirSync(folder)
    .filter((name) => name.startsWith("telltale-serve-"))
    .flatMap((name) => readdirSync(join(folder, name)));

afterAll(() => {
  if (hasSmall) spawnSync("umount", [small]);
  rmSync(base, { recursive: true });
});

describe("an upload without a file", () => {
  const folder = join(base, "plain");
  let server: RunningServer;
  beforeAll(async () => {
    mkdirSync(folder);
    server = await serveFrom(folder);
  });
  afterAll(() => server.stop());

  const text = new FormData();
  text.append("note", "no file here");
  const mixed = { "Content-Type": "multipart/mixed; boundary=x" };
  test.each([
    ["no body", () => undefined, {}],
    ["an empty body", () => "", {}],
    ["an empty body of a named type", () => "", { "Content-Type": "video/mp4" }],
    ["a form without a part", () => "--x--\r\n", { "Content-Type": "multipart/form-data; boundary=x" }],
    [
      "an empty body that claims to be a form",
      () => "",
      { "Content-Type": "multipart/form-data; boundary=x" },
    ],
    ["a form without a file", () => text, {}],
    ["a form with an empty file", () => formOf(new Uint8Array(0)), {}],
    ["JSON", () => '{"url":"clip.mp4"}', { "Content-Type": "application/json" }],
    ["another kind of multipart", () => "--x\r\n\r\nx\r\n--x--\r\n", mixed],
  ])("is refused with 400 and queues nothing: %s", async (_name, body, headers) => {
    const me = new Client(server.url);
    expect(await refusal(await me.post(body() as string, "", headers as Record<string, string>))).toEqual({
      status: 400,
      code: "UPLOAD_INVALID",
    });
    expect(await (await me.ask("metrics")).text()).toMatch(/telltale_queue\{state="uploading"\} 0/);
    expect(filesIn(folder)).toEqual([]);
  });

  test("is refused where it is chunked and ends at once", async () => {
    const { host } = new URL(server.url);
    const head = `POST /api/jobs HTTP/1.1\r\nHost: ${host}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`;
    expect(await talk(server.url, head, { until: "}}" })).toMatch(/^HTTP\/1\.1 400 /);
  });
});

describe.skipIf(!hasSmall)("a full temporary folder", () => {
  let server: RunningServer;
  let me: Client;
  beforeAll(async () => {
    server = await serveFrom(small);
    me = new Client(server.url);
  });
  afterAll(() => server.stop());

  const large = () => new Uint8Array(9 << 20);
  test.each([
    ["raw", large],
    ["as a form", () => formOf(large())],
  ])("refuses a file that does not fit, time after time: %s", async (_name, body) => {
    // More often than one client may have places: each is given back.
    for (let i = 0; i < 4; i++) {
      expect(await refusal(await me.post(body()))).toEqual({ status: 507, code: "OUTPUT_UNWRITABLE" });
    }
    expect(filesIn(small)).toEqual([]);
  });

  test("is what health tells, and uploads work again once there is room", async () => {
    const fill = () => {
      for (;;) appendFileSync(join(small, "filler"), new Uint8Array(4096));
    };
    expect(fill).toThrow("ENOSPC");
    const failing = await me.ask("api/health");
    expect(failing.status).toBe(503);
    expect(await failing.json()).toMatchObject({
      status: "failing",
      problem: expect.stringContaining("ENOSPC"),
    });
    expect((await me.post(bytesOf("still.jpg"))).status).toBe(507);
    expect((await me.post(formOf(bytesOf("still.jpg")))).status).toBe(507);
    rmSync(join(small, "filler"));
    expect(await (await me.ask("api/health")).json()).toMatchObject({ status: "ok", problem: null });
    expect((await me.post(bytesOf("still.jpg"), "?wait")).status).toBe(200);
  });
});

describe("a temporary folder that was removed", () => {
  test("is made again for the next upload, and told where it cannot be", async () => {
    const folder = join(base, "cleaned");
    mkdirSync(folder);
    const server = await serveFrom(folder);
    const me = new Client(server.url);
    for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true });
    expect((await me.post(formOf(bytesOf("still.jpg")), "?wait")).status).toBe(200);
    rmSync(folder, { recursive: true });
    for (let i = 0; i < 3; i++) {
      expect((await me.post(formOf(bytesOf("still.jpg")))).status).toBe(507);
      expect((await me.post(bytesOf("still.jpg"))).status).toBe(507);
    }
    expect((await me.ask("api/health")).status).toBe(503);
    await server.stop();
  });
});

test("an upload that waits for its report is not cut off however long the server is silent", async () => {
  const folder = join(base, "waiting");
  mkdirSync(folder);
  const server = await serveFrom(folder, { idleMs: 400 });
  const me = new Client(server.url);
  const startedMs = performance.now();
  const waiting = await me.post(bytesOf("forged.mp4"), "?wait");
  expect(waiting.status).toBe(200);
  expect(performance.now() - startedMs).toBeGreaterThan(400);
  await server.stop();
});

test("a strip of a picture is refused before it is decoded", async () => {
  const folder = join(base, "strips");
  mkdirSync(folder);
  const strip = join(folder, "strip.png");
  spawnSync("ffmpeg", [
    "-loglevel",
    "error",
    "-f",
    "lavfi",
    "-i",
    "color=gray:s=6000x4",
    "-frames:v",
    "1",
    strip,
  ]);
  const server = await serveFrom(folder);
  const response = await new Client(server.url).post(new Uint8Array(readFileSync(strip)), "?wait");
  expect(await refusal(response)).toEqual({ status: 422, code: "MEDIA_TOO_LARGE" });
  await server.stop();
});
