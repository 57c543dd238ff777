import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { liveChildren } from "../../src/media/index.ts";
import { fileReportSchema, reportSchema } from "../../src/report/schema.ts";
import { healthSchema, jobSchema, liveFrameSchema } from "../../src/web/job-schema.ts";
import type { RunningServer } from "../../src/web/server.ts";
import { fixture } from "../cli/run-cli.ts";
import { bytesOf, Client, readEvents, refusal, startTestServer } from "./support.ts";

let server: RunningServer;
let me: Client;
beforeAll(async () => {
  server = await startTestServer({ jobs: 2, queue: 4, perClient: 4 }, { timings: { leftMs: 20 } });
  me = new Client(server.url);
});
afterAll(() => server.stop());

const uploads = () =>
  readdirSync(tmpdir())
    .filter((name) => name.startsWith(`telltale-serve-${process.pid}-`))
    .flatMap((name) => readdirSync(join(tmpdir(), name)));

async function untilIdle(): Promise<void> {
  for (;;) {
    const text = await (await me.ask("metrics")).text();
    if (!/^telltale_queue\{.*\} [1-9]/m.test(text)) return;
    await sleep(50);
  }
}

describe("POST /api/jobs", () => {
  test("takes a raw body, and its report is what detect writes, under the sender's name", async () => {
    const job = await me.send("forged.mp4");
    expect(jobSchema.parse(job).file).toEqual({ name: "forged.mp4", bytes: bytesOf("forged.mp4").length });
    const ended = jobSchema.parse(await me.end(job.id));
    expect(ended.state).toBe("done");
    const { openDetector, reportFile } = await import("../../src/index.ts");
    const detector = await openDetector({ backend: "wasm", workers: 1, frames: 4 });
    const report = reportFile(await detector.detect(fixture("forged.mp4")));
    await detector.close();
    const { file, options, ...rest } = fileReportSchema.parse(ended.report);
    expect(rest).toEqual({ ...report, file: undefined, options: undefined });
    expect(file).toEqual({ ...report.file, path: "forged.mp4" });
    expect(options.model).toBe("face");
  });

  test("takes a multipart form, as a page or curl -F sends it", async () => {
    const form = new FormData();
    form.append("note", "hello");
    form.append("file", new Blob([bytesOf("still.jpg")]), "holiday photo.jpg");
    const job = jobSchema.parse(await (await me.post(form)).json());
    expect(job.file).toEqual({ name: "holiday photo.jpg", bytes: bytesOf("still.jpg").length });
    expect((await me.end(job.id)).state).toBe("done");
  });

  test("with wait, answers with the report", async () => {
    const good = await me.post(bytesOf("still.jpg"), "?wait&name=still.jpg");
    expect(good.status).toBe(200);
    expect(fileReportSchema.parse(await good.json()).file.path).toBe("still.jpg");
    const bad = await me.post(bytesOf("text.mp4"), "?wait");
    expect(bad.status).toBe(422);
    expect(await bad.json()).toMatchObject({ file: { path: "upload" }, error: { code: "NOT_MEDIA" } });
  });

  test("with wait, leaving stops ffmpeg, deletes the upload and frees the place", async () => {
    const leaving = new AbortController();
    const waiting = me.ask("api/jobs?wait", {
      method: "POST",
      body: bytesOf("forged.mp4"),
      signal: leaving.signal,
    });
    while (liveChildren().length === 0) await sleep(5);
    leaving.abort();
    await expect(waiting).rejects.toThrow("aborted");
    await untilIdle();
    expect(liveChildren()).toEqual([]);
    expect(uploads()).toEqual([]);
  });

  test.each([
    ["text.mp4", "NOT_MEDIA"],
    ["audio-only.m4a", "NO_VIDEO"],
    ["playlist.mp4", "UNSUPPORTED_CONTAINER"],
    ["ffconcat.mp4", "UNSUPPORTED_CONTAINER"],
  ])("%s fails with %s, in a sentence that names the file and nothing of the server", async (name, code) => {
    const { report, state } = await me.end((await me.send(name)).id);
    expect(state).toBe("failed");
    expect(reportSchema.parse(report)).toMatchObject({
      file: { path: name },
      verdict: null,
      error: { code },
    });
    expect(JSON.stringify(report)).toContain(name);
    expect(JSON.stringify(report)).not.toContain(tmpdir());
  });

  test("several files in one form, or none, are refused", async () => {
    const two = new FormData();
    for (const name of ["a.jpg", "b.jpg"]) two.append("file", new Blob([bytesOf("still.jpg")]), name);
    expect(await refusal(await me.post(two))).toEqual({ status: 400, code: "UPLOAD_INVALID" });
    const none = new FormData();
    none.append("note", "hello");
    expect(await refusal(await me.post(none))).toEqual({ status: 400, code: "UPLOAD_INVALID" });
    const torn = await me.post(
      "--x\r\nContent-Disposition: form-data; name=file; filename=a\r\n\r\nabc",
      "",
      {
        "Content-Type": "multipart/form-data; boundary=x",
      },
    );
    expect(await refusal(torn)).toEqual({ status: 400, code: "UPLOAD_INVALID" });
    const noBoundary = await me.post("abc", "", { "Content-Type": "multipart/form-data" });
    expect(await refusal(noBoundary)).toEqual({ status: 400, code: "UPLOAD_INVALID" });
    expect(uploads()).toEqual([]);
  });
});

describe("a job", () => {
  test("tells its frames as they are scored, and ends with its report", async () => {
    const job = await me.send("authentic.mp4");
    const events = await readEvents(await me.ask(`api/jobs/${job.id}/events`));
    const frames = events
      .filter(({ type }) => type === "frame")
      .map(({ data }) => liveFrameSchema.parse(data));
    const ended = jobSchema.parse(events.at(-1)!.data);
    expect(events.at(-1)!.type).toBe("end");
    const report = fileReportSchema.parse(ended.report);
    expect(frames.map(({ index, faces }) => [index, ...faces.map((face) => face.authenticity)])).toEqual(
      report.frames.map(({ index, faces }) => [index, ...faces.map((face) => face.authenticity)]),
    );
    expect(events.filter(({ type }) => type === "status").at(-1)!.data).toMatchObject({
      state: "done",
      total: 4,
    });
    // Whoever asks once it has ended gets the end at once.
    expect(await readEvents(await me.ask(`api/jobs/${job.id}/events`))).toEqual([
      { type: "end", data: ended },
    ]);
  });

  test("goes on after the frames that a listener has had", async () => {
    const job = await me.send("authentic.mp4");
    const response = await me.ask(`api/jobs/${job.id}/events`, { headers: { "Last-Event-ID": "1" } });
    const frames = (await readEvents(response)).filter(({ type }) => type === "frame");
    expect(frames.map(({ data }) => liveFrameSchema.parse(data).index)).toEqual([2, 3]);
  });

  test("is told to a listener that claims to have had more than there is, and goes on", async () => {
    const job = await me.send("still.jpg");
    const response = await me.ask(`api/jobs/${job.id}/events`, { headers: { "Last-Event-ID": "99999999" } });
    expect((await readEvents(response)).at(-1)!.type).toBe("end");
  });

  test("is cancelled when its last listener has left for good", async () => {
    const [first, second] = [await me.send("forged.mp4"), await me.send("two-people.mp4")];
    const leaving = new AbortController();
    for (const { id } of [first, second]) await me.ask(`api/jobs/${id}/events`, { signal: leaving.signal });
    leaving.abort();
    // Reading it once more is no listening.
    const ended = await Promise.all([first, second].map(({ id }) => me.end(id)));
    const codes = ended.map(({ report }) => (report && "error" in report ? report.error.code : "done"));
    expect(codes).toContain("JOB_CANCELLED");
    expect(liveChildren()).toEqual([]);
  });

  test("has its report as JSON, CSV and HTML, and its pictures", async () => {
    const { id } = await me.end((await me.send("still-forged.jpg")).id);
    const { report, pictures } = await me.end(id);
    const json = await me.ask(`api/jobs/${id}/report.json`);
    expect(json.headers.get("content-disposition")).toBe('attachment; filename="telltale-report.json"');
    expect(await json.json()).toEqual(report);
    expect((await (await me.ask(`api/jobs/${id}/report.csv`)).text()).split("\r\n")).toHaveLength(3);
    const html = await me.ask(`api/jobs/${id}/report.html`);
    expect(html.headers.get("content-security-policy")).toMatch(
      /^default-src 'none'.*sandbox allow-scripts$/,
    );
    expect(await html.text()).toContain("<title>Telltale report: still-forged.jpg</title>");
    const { least } = pictures!.faces[0]!;
    for (const [name, type] of [
      [pictures!.frames[0]!.thumbnail, "image/jpeg"],
      [least.crop, "image/jpeg"],
      [least.heatmap!, "image/png"],
    ] as const) {
      const picture = await me.ask(`api/jobs/${id}/pictures/${name}`);
      expect([picture.status, picture.headers.get("content-type")]).toEqual([200, type]);
    }
    expect((await me.ask(`api/jobs/${id}/pictures/..%2F..%2Fetc%2Fpasswd`)).status).toBe(404);
  });

  test("is gone after DELETE, before its end and after", async () => {
    const running = await me.send("forged.mp4");
    expect((await me.ask(`api/jobs/${running.id}`, { method: "DELETE" })).status).toBe(204);
    expect(await refusal(await me.ask(`api/jobs/${running.id}`))).toEqual({
      status: 404,
      code: "JOB_MISSING",
    });
    const { id } = await me.end((await me.send("still.jpg")).id);
    expect((await me.ask(`api/jobs/${id}`, { method: "DELETE" })).status).toBe(204);
    expect((await me.ask(`api/jobs/${id}/report.html`)).status).toBe(404);
    expect((await me.ask(`api/jobs/${id}`, { method: "DELETE" })).status).toBe(404);
    await untilIdle();
    expect(uploads()).toEqual([]);
  });
});

describe("a full server", () => {
  test("sends the fifth file of one address away, whoever it says it is, and says when to come back", async () => {
    await untilIdle();
    const others = [new Client(server.url), new Client(server.url)];
    const answers = await Promise.all(
      new Array(12).fill(0).map((_, i) => [me, ...others][i % 3]!.post(bytesOf("authentic.mp4"))),
    );
    const statuses = answers.map(({ status }) => status);
    // One address: four places for it, whoever it says it is.
    expect(statuses.filter((status) => status === 202)).toHaveLength(4);
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(8);
    for (const answer of refused) {
      expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
      expect((await refusal(answer)).code).toBe("TOO_MANY_JOBS");
    }
    await untilIdle();
    expect((await me.post(bytesOf("still.jpg"), "?wait")).status).toBe(200);
  });
});

describe("the server", () => {
  test("tells what it takes", async () => {
    const health = healthSchema.parse(await (await me.ask("api/health")).json());
    expect(health).toMatchObject({ status: "ok", needsToken: false, limits: { maxBytes: 2 ** 31 } });
  });

  test("counts for Prometheus", async () => {
    const text = await (await me.ask("metrics")).text();
    expect(text).toMatch(/^telltale_jobs_total\{outcome="NOT_MEDIA"\} [1-9]/m);
    expect(text).toMatch(/^telltale_requests_refused_total\{code="TOO_MANY_JOBS"\} 8$/m);
    expect(text).toMatch(/^telltale_job_seconds_bucket\{le="60"\} [1-9]/m);
    expect(text).toMatch(/^process_resident_memory_bytes \d/m);
    // promtool reads every line or none.
    for (const line of text.split("\n").filter((one) => one !== ""))
      expect(line).toMatch(/^(# (HELP|TYPE) \w+ |\w+(\{[^{}]*\})? \S+$)/);
  });

  test("describes every route that it has in OpenAPI, and no other", async () => {
    const document = (await (await me.ask("api/openapi.json")).json()) as {
      openapi: string;
      paths: Record<string, Record<string, unknown>>;
      components: { schemas: Record<string, unknown> };
    };
    expect(document.openapi).toBe("3.1.0");
    const described = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    expect(described.sort()).toEqual([
      "delete /api/jobs/{id}",
      "get /api/health",
      "get /api/jobs",
      "get /api/jobs/{id}",
      "get /api/jobs/{id}/events",
      "get /api/jobs/{id}/pictures/{name}",
      "get /api/jobs/{id}/report.csv",
      "get /api/jobs/{id}/report.html",
      "get /api/jobs/{id}/report.json",
      "get /api/model-card",
      "get /api/openapi.json",
      "get /api/reports.csv",
      "get /api/reports.json",
      "get /metrics",
      "post /api/jobs",
      "post /api/session",
    ]);
    // Each is answered by its own handler: an unknown address says NOT_FOUND, an unknown job JOB_MISSING.
    for (const route of described) {
      const [method, path] = route.split(" ") as [string, string];
      const body = method === "post" ? { body: "x" } : {};
      const response = await me.ask(path.replace(/\{\w+\}/g, "x").slice(1), { method, ...body });
      const text = await response.text();
      expect(text, route).not.toContain("NOT_FOUND");
      if (path.includes("{id}")) expect(text, route).toContain("JOB_MISSING");
    }
    // Every reference leads somewhere.
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)];
    expect(references.length).toBeGreaterThan(5);
    for (const [, name] of references) expect(Object.keys(document.components.schemas)).toContain(name);
    await untilIdle();
  });

  test("answers an unknown address, a malformed one and an unknown method in JSON", async () => {
    expect(await refusal(await me.ask("api/nothing"))).toEqual({ status: 404, code: "NOT_FOUND" });
    expect(await refusal(await me.ask("api/jobs/%E0%A4%A"))).toEqual({
      status: 400,
      code: "REQUEST_INVALID",
    });
    expect(await refusal(await me.ask("api/jobs", { method: "PUT" }))).toEqual({
      status: 404,
      code: "NOT_FOUND",
    });
  });
});
