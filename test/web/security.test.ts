import { readdirSync, statSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunningServer } from "../../src/web/server.ts";
import { bytesOf, Client, refusal, startTestServer, talk } from "./support.ts";

let server: RunningServer;
let me: Client;
let host: string;
let bait: Server;
let baitUrl: string;
let visits = 0;

beforeAll(async () => {
  server = await startTestServer(
    { maxMib: 1, maxMegapixels: 4, maxSec: 3.5, cors: "https://friend.example" },
    { timings: { headersMs: 500, stallMs: 500 } },
  );
  me = new Client(server.url);
  host = new URL(server.url).host;
  bait = createServer((socket) => {
    visits++;
    socket.destroy();
  });
  await new Promise<void>((resolve) => bait.listen(0, "127.0.0.1", resolve));
  baitUrl = `http://127.0.0.1:${(bait.address() as { port: number }).port}/a.ts`;
});
afterAll(async () => {
  bait.close();
  await server.stop();
});

const uploads = () =>
  readdirSync(tmpdir())
    .filter((name) => name.startsWith(`telltale-serve-${process.pid}-`))
    .flatMap((name) => readdirSync(join(tmpdir(), name)).map((file) => statSync(join(tmpdir(), name, file))));

const codeAtEnd = async (response: Response) => {
  expect(response.status).toBe(422);
  return ((await response.json()) as { error: { code: string } }).error.code;
};

describe("a slow loris", () => {
  test("that trickles headers is cut off with 408", async () => {
    const answer = await talk(server.url, "GET / HTTP/1.1\r\n", { every: 100, drip: "X-A: b\r\n" });
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  });

  test("that trickles a body gets 408 UPLOAD_STALLED, and leaves nothing", async () => {
    const head = `POST /api/jobs HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 100000\r\n\r\n`;
    const answer = await talk(server.url, head, { every: 50, drip: "x", until: "UPLOAD_STALLED" });
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(answer).toContain("UPLOAD_STALLED");
    expect(uploads()).toEqual([]);
  });

  test("whose form never ends gets 408 too", async () => {
    const head = `POST /api/jobs HTTP/1.1\r\nHost: ${host}\r\nContent-Type: multipart/form-data; boundary=x\r\nTransfer-Encoding: chunked\r\n\r\n`;
    const answer = await talk(server.url, head, { every: 50, drip: "1\r\n-\r\n", until: "UPLOAD_STALLED" });
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(uploads()).toEqual([]);
  });
});

describe("too large", () => {
  test("a claim of 10 GB is refused before a byte of it is read", async () => {
    const head = `POST /api/jobs HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 10737418240\r\n\r\n`;
    const answer = await talk(server.url, head, { until: "UPLOAD_TOO_LARGE" });
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
    const expecting = await talk(server.url, head.replace("\r\n\r\n", "\r\nExpect: 100-continue\r\n\r\n"), {
      until: "UPLOAD_TOO_LARGE",
    });
    expect(expecting).toMatch(/^HTTP\/1\.1 413 /);
    expect(uploads()).toEqual([]);
  });

  test("a file that says nothing of its size is refused once it is too large", async () => {
    const chunks = new ReadableStream({
      pull(controller) {
        controller.enqueue(new Uint8Array(64 << 10));
      },
    });
    const response = await me.ask("api/jobs", {
      method: "POST",
      body: chunks,
      duplex: "half",
    } as RequestInit);
    expect(await refusal(response)).toEqual({ status: 413, code: "UPLOAD_TOO_LARGE" });
    const form = new FormData();
    form.append("file", new Blob([new Uint8Array((1 << 20) + 1)]), "large.mp4");
    expect(await refusal(await me.post(form))).toEqual({ status: 413, code: "UPLOAD_TOO_LARGE" });
    expect(uploads()).toEqual([]);
  });

  test("a client that may go on is told so", async () => {
    const head = `POST /api/jobs HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n`;
    expect(await talk(server.url, head, { until: "\r\n\r\n" })).toBe("HTTP/1.1 100 Continue\r\n\r\n");
  });

  test("a PNG of a few hundred KB that unpacks to hundreds of megapixels is refused by its header", async () => {
    const bomb = (width: number, height: number) =>
      sharp({ create: { width, height, channels: 3, background: "#000" }, limitInputPixels: false })
        .toColourspace("b-w")
        .png({ compressionLevel: 9 })
        .toBuffer();
    const png = await bomb(16_000, 12_000);
    expect(png.length).toBeLessThan(400_000);
    const before = process.memoryUsage().rss;
    expect(await codeAtEnd(await me.post(new Uint8Array(png), "?wait"))).toBe("MEDIA_TOO_LARGE");
    // Unpacked it is 192 MB and more.
    expect((process.memoryUsage().rss - before) / 2 ** 20).toBeLessThan(150);
  });

  test("a video that lasts longer than is taken is refused before it is decoded", async () => {
    expect(await codeAtEnd(await me.post(bytesOf("authentic.mp4"), "?wait"))).toBe("MEDIA_TOO_LONG");
    const withClip = Buffer.concat([bytesOf("still.jpg"), bytesOf("authentic.mp4")]);
    expect(await codeAtEnd(await me.post(new Uint8Array(withClip), "?wait"))).toBe("MEDIA_TOO_LONG");
  });
});

describe("a file that names others", () => {
  test.each([
    [
      "/etc/passwd",
      () => "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
    ],
    ["this machine", () => `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n${baitUrl}\n#EXT-X-ENDLIST\n`],
    ["files of a concat script", () => `ffconcat version 1.0\nfile /etc/passwd\nfile '${baitUrl}'\n`],
    [
      "an address in an SVG",
      () => `<svg xmlns="http://www.w3.org/2000/svg"><image href="${baitUrl}"/></svg>`,
    ],
  ])("%s is refused, and reaches nothing", async (_what, text) => {
    for (const name of ["clip.mp4", "list.m3u8", "photo.jpg"]) {
      expect(["UNSUPPORTED_CONTAINER", "NOT_MEDIA"]).toContain(
        await codeAtEnd(await me.post(text(), `?wait&name=${name}`)),
      );
    }
    expect(visits).toBe(0);
  });

  test("a name that is a path is a name", async () => {
    const names = ["../../../../tmp/owned.mp4", "/etc/passwd", "..\\..\\boot.ini", "-i", "file:x", "a\0b"];
    for (const name of names) {
      const response = await me.post("x", `?wait&name=${encodeURIComponent(name)}`);
      const { file } = (await response.json()) as { file: { path: string } };
      expect(file.path).not.toMatch(/[/\\\0]/);
    }
    const form = new FormData();
    form.append("file", new Blob(["x"]), "../../up.mp4");
    const { file } = (await (await me.post(form, "?wait")).json()) as { file: { path: string } };
    expect(file.path).toBe("up.mp4");
  });
});

describe("somebody else", () => {
  test("cannot read, watch or delete a job, even with its id, and learns nothing of it", async () => {
    const { id } = await me.send("still.jpg");
    await me.end(id);
    const stranger = new Client(server.url);
    const paths = ["", "/events", "/report.html", "/report.json", "/report.csv", "/pictures/frame-0.jpg"];
    const answers = async (client: Client, job: string) =>
      Promise.all(paths.map(async (path) => (await client.ask(`api/jobs/${job}${path}`)).text()));
    // A job of another is told in the words for one that is not there.
    expect(await answers(stranger, id)).toEqual(await answers(stranger, "A".repeat(22)));
    for (const path of paths) {
      expect(await refusal(await stranger.ask(`api/jobs/${id}${path}`))).toEqual({
        status: 404,
        code: "JOB_MISSING",
      });
      expect((await fetch(`${server.url}api/jobs/${id}${path}`)).status).toBe(404);
    }
    expect((await stranger.ask(`api/jobs/${id}`, { method: "DELETE" })).status).toBe(404);
    expect((await me.ask(`api/jobs/${id}`)).status).toBe(200);
  });

  test.each(["1", "..%2F..", "%00", "__proto__", "constructor", "A".repeat(22), "a".repeat(5000)])(
    "finds nothing under the forged id %s",
    async (id) => {
      expect(await refusal(await me.ask(`api/jobs/${id}`))).toEqual({ status: 404, code: "JOB_MISSING" });
    },
  );

  test("a browser's secret is in a cookie that scripts and other sites do not get", async () => {
    const page = await fetch(server.url);
    expect(page.headers.get("set-cookie")).toMatch(
      /^telltale_owner=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; SameSite=Strict$/,
    );
  });
});

describe("a page of another origin", () => {
  test.each(["https://evil.example", "null", "http://127.0.0.1:1"])(
    "%s cannot send or delete",
    async (origin) => {
      expect(await refusal(await me.post("x", "", { Origin: origin }))).toEqual({
        status: 403,
        code: "ORIGIN_FOREIGN",
      });
      const deleted = await me.ask("api/jobs/x", { method: "DELETE", headers: { Origin: origin } });
      expect(await refusal(deleted)).toEqual({ status: 403, code: "ORIGIN_FOREIGN" });
      const asked = await me.ask("api/health", { headers: { Origin: origin } });
      expect(asked.headers.get("access-control-allow-origin")).toBeNull();
    },
  );

  test("is told apart by what the browser says where it says no origin", async () => {
    const response = await me.post("x", "", { "Sec-Fetch-Site": "cross-site" });
    expect(await refusal(response)).toEqual({ status: 403, code: "ORIGIN_FOREIGN" });
  });

  test("may call the API where it was asked for, without cookies", async () => {
    const preflight = await me.ask("api/jobs", {
      method: "OPTIONS",
      headers: { Origin: "https://friend.example" },
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-origin")).toBe("https://friend.example");
    expect(preflight.headers.get("access-control-allow-credentials")).toBeNull();
    const posted = await me.post("x", "?wait", { Origin: "https://friend.example" });
    expect(await codeAtEnd(posted)).toBe("NOT_MEDIA");
  });

  test("of its own origin may", async () => {
    const posted = await me.post("x", "?wait", { Origin: server.url.slice(0, -1) });
    expect(await codeAtEnd(posted)).toBe("NOT_MEDIA");
  });

  test("that has its name point here is refused by that name", async () => {
    const answer = await talk(server.url, "GET /api/health HTTP/1.1\r\nHost: evil.example\r\n\r\n", {
      until: "HOST_UNKNOWN",
    });
    expect(answer).toMatch(/^HTTP\/1\.1 421 /);
  });
});

describe("every answer", () => {
  test.each(["", "page.js", "api/health", "api/nothing"])(
    "of /%s lets nothing in from elsewhere",
    async (path) => {
      const { headers } = await fetch(server.url + path);
      const policy = headers.get("content-security-policy")!;
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self'");
      expect(policy).not.toMatch(/unsafe|\*|https?:/);
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
      expect(headers.get("x-powered-by")).toBeNull();
      expect(headers.get("strict-transport-security")).toBeNull();
    },
  );

  test("to files outside of the page is no", async () => {
    for (const path of [
      "..%2f..%2f..%2fpackage.json",
      ".%2e/app.js",
      ".git/config",
      "page.js/../../app.js",
    ]) {
      expect([403, 404], path).toContain((await fetch(server.url + path)).status);
    }
  });
});
