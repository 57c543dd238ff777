import type { Request, Response } from "express";
import { TelltaleError } from "../errors.ts";
import { formatCsv, formatHtml, formatJson, formatSummary, htmlPolicy } from "../index.ts";
import { safeJson } from "../report/control-characters.ts";
import { reportSchema } from "../report/schema.ts";
import { clientOf } from "./client.ts";
import { streamEnd, streamEvents } from "./events.ts";
import { RetryAfterError } from "./http-errors.ts";
import { Job } from "./job.ts";
import { jobListSchema, jobSchema } from "./job-schema.ts";
import { summarize, viewJob, viewStored } from "./job-view.ts";
import { namePictures } from "./pictures.ts";
import { receive, tooLarge, unwritable } from "./receive.ts";
import type { StoredJob } from "./result-store.ts";
import type { Route } from "./route.ts";
import type { ServerParts } from "./server-parts.ts";

/** One for the page, and some for who looks at it twice. */
const MAX_LISTENERS = 8;

const binary = { schema: { type: "string", format: "binary" } };
const form = {
  schema: {
    type: "object",
    required: ["file"],
    properties: { file: { type: "string", format: "binary" } },
  },
};
const download = (kind: string) => `attachment; filename="telltale-report.${kind}"`;

/** Everything about jobs: making, reading, watching, deleting them. */
export function jobRoutes(parts: ServerParts): Route[] {
  const { jobs, queue, store, access } = parts;

  const active = (request: Request): Job | null => {
    const job = jobs.get(String(request.params.id));
    return job && job.owner === access.ownerForRead(request) ? job : null;
  };
  const stored = async (request: Request): Promise<StoredJob | null> => {
    const owner = access.ownerForRead(request);
    return owner === null ? null : store.get(String(request.params.id), owner);
  };
  // One that has not ended has no report yet, and that is said in the same words: it is not there.
  const finished = async (request: Request): Promise<StoredJob> => {
    const job = await stored(request);
    if (!job) throw missing();
    return job;
  };
  const view = (job: Job) => viewJob(job, queue.ahead(job));

  return [
    {
      method: "post",
      path: "/api/jobs",
      summary: "Takes a file to judge, as raw body or as multipart form with one file.",
      query: {
        name: "What to call a raw body; a form has its own name.",
        wait: "With any value: answers with the report once the file is judged; leaving cancels the job.",
      },
      body: { "application/octet-stream": binary, "multipart/form-data": form },
      answers: {
        200: { description: "With `wait`: the report, as detect --json writes it.", schema: reportSchema },
        202: { description: "Taken; Location says where to ask.", schema: jobSchema },
        422: { description: "With `wait`: the file could not be judged.", schema: reportSchema },
      },
      handle: async (request, response) => {
        const job = await takeUpload(parts, request, response);
        if (job === null) return;
        if (request.query.wait !== undefined) return answerAtEnd(job, response, parts.timings.idleMs);
        response.status(202).location(`/api/jobs/${job.id}`).json(view(job));
      },
    },
    {
      method: "get",
      path: "/api/jobs",
      summary: "The client's jobs, those under way and those whose results are kept, oldest first.",
      answers: { 200: { description: "The jobs, without their reports.", schema: jobListSchema } },
      handle: (request, response) => {
        const owner = access.ownerForRead(request);
        if (owner === null) {
          response.json({ jobs: [] });
          return;
        }
        const underWay = jobs.of(owner).map((job) => summarize(job, queue.ahead(job)));
        // A job that has just ended may be in both.
        const ended = store.list(owner).filter(({ id }) => underWay.every((job) => job.id !== id));
        const all = [...ended, ...underWay];
        response.json({ jobs: all.sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1)) });
      },
    },
    ...allReports(parts),
    {
      method: "get",
      path: "/api/jobs/{id}",
      summary: "A job: how far it is, and its report once it has ended.",
      answers: { 200: { description: "The job.", schema: jobSchema } },
      handle: async (request, response) => {
        const job = active(request);
        response.json(job ? view(job) : viewStored(await finished(request)));
      },
    },
    {
      method: "delete",
      path: "/api/jobs/{id}",
      summary: "Wipes a job and its report; one that has not ended is cancelled.",
      answers: { 204: { description: "Gone." } },
      handle: async (request, response) => {
        const job = active(request);
        if (job) {
          jobs.forget(job);
          job.cancel();
        } else if (!(await store.delete(String(request.params.id), access.ownerForRead(request) ?? ""))) {
          throw missing();
        }
        response.status(204).end();
      },
    },
    {
      method: "get",
      path: "/api/jobs/{id}/events",
      summary:
        "Server-sent events: `status`, a `frame` for each as it is scored, `end` with the job. When the last listener leaves for good before the end, the job is cancelled.",
      query: { keep: "With any value: the job goes on when this listener leaves." },
      answers: { 200: { description: "A stream of events.", type: "text/event-stream" } },
      handle: async (request, response) => {
        const job = active(request);
        if (!job) return streamEnd(response, viewStored(await finished(request)));
        const staysAlone = request.query.keep !== undefined;
        const leave = jobs.listen(job, MAX_LISTENERS, { staysAlone });
        if (!leave) {
          const sentence = `Expected at most ${MAX_LISTENERS} listeners to a job but received another: close one.`;
          throw new RetryAfterError("TOO_MANY_LISTENERS", sentence, 1);
        }
        response.once("close", leave);
        await streamEvents(request, response, {
          job,
          view: () => view(job),
          heartbeatMs: parts.timings.heartbeatMs,
        });
      },
    },
    {
      method: "get",
      path: "/api/jobs/{id}/report.json",
      summary: "The report as `telltale detect --json` writes it.",
      answers: { 200: { description: "The report.", schema: reportSchema } },
      handle: async (request, response) => {
        const { report } = await finished(request);
        response
          .type("application/json")
          .set("Content-Disposition", download("json"))
          .send(formatJson([report]));
      },
    },
    {
      method: "get",
      path: "/api/jobs/{id}/report.csv",
      summary: "One row for each face of each frame.",
      answers: { 200: { description: "The rows.", type: "text/csv" } },
      handle: async (request, response) => {
        const { report } = await finished(request);
        response
          .type("text/csv")
          .set("Content-Disposition", download("csv"))
          .send(formatCsv([report]));
      },
    },
    {
      method: "get",
      path: "/api/jobs/{id}/report.html",
      summary: "The report for people, in one file.",
      query: { download: "With any value: as a file to save." },
      answers: { 200: { description: "The page.", type: "text/html" } },
      handle: async (request, response) => {
        const { report, pictures, createdMs } = await finished(request);
        const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
        if (request.query.download !== undefined) response.set("Content-Disposition", download("html"));
        // Its own policy, and an origin of its own: nothing in a report can reach the API.
        response
          .type("text/html")
          .set("Content-Security-Policy", `${htmlPolicy}; frame-ancestors 'none'; sandbox allow-scripts`)
          .send(formatHtml([{ report, pictures }], { madeAt: new Date(createdMs), timeZone }));
      },
    },
    {
      method: "get",
      path: "/api/jobs/{id}/pictures/{name}",
      summary: "A picture of a report: a small frame, a face as the network saw it, or its heat map.",
      answers: { 200: { description: "JPEG or PNG.", type: "image/*" } },
      handle: async (request, response) => {
        const { pictures } = await finished(request);
        const picture = namePictures(pictures).get(String(request.params.name));
        if (!picture) throw missing();
        response.type(picture.type).send(Buffer.from(picture.bytes));
      },
    },
  ];
}

/** All reports of a client in one file. */
function allReports({ store, access }: ServerParts): Route[] {
  const reports = async (request: Request) => {
    const owner = access.ownerForRead(request);
    if (owner === null) return [];
    const jobs = await Promise.all(store.list(owner).map(({ id }) => store.get(id, owner)));
    return jobs.flatMap((job) => (job === null ? [] : [job.report]));
  };
  return [
    {
      method: "get",
      path: "/api/reports.json",
      summary:
        "All reports of the client as JSON Lines, one a line, as `telltale detect --json` writes them.",
      answers: { 200: { description: "The reports.", type: "application/jsonl" } },
      handle: async (request, response) => {
        response
          .type("application/jsonl")
          .set("Content-Disposition", 'attachment; filename="telltale-reports.jsonl"')
          .send((await reports(request)).map((report) => `${safeJson(report)}\n`).join(""));
      },
    },
    {
      method: "get",
      path: "/api/reports.csv",
      summary: "All results of the client, one row for each file.",
      answers: { 200: { description: "The rows.", type: "text/csv" } },
      handle: async (request, response) => {
        response
          .type("text/csv")
          .set("Content-Disposition", 'attachment; filename="telltale-reports.csv"')
          .send(formatSummary(await reports(request)));
      },
    },
  ];
}

/** Takes the file of a request into the queue; null where its sender has left. */
async function takeUpload(parts: ServerParts, request: Request, response: Response): Promise<Job | null> {
  const { options, queue, uploads, access, jobs } = parts;
  const maxBytes = options.maxMib * 2 ** 20;
  // A form is a little longer than the file in it; the exact check is on what arrives.
  if (Number(request.get("Content-Length") ?? 0) > maxBytes + (64 << 10)) throw tooLarge(maxBytes);
  const slot = queue.acquire(clientOf(request));
  try {
    if (/100-continue/i.test(request.get("Expect") ?? "")) response.writeContinue();
    const { name } = request.query;
    const upload = await receive(request, {
      path: await uploads.newPath().catch(unwritable),
      name: typeof name === "string" ? name : undefined,
      maxBytes,
      timeoutMs: options.uploadSec * 1000,
      stallMs: parts.timings.stallMs,
    });
    const job = new Job(access.ownerForWrite(request, response), upload);
    jobs.add(job);
    slot.enqueue(job);
    return job;
  } catch (error) {
    slot.release();
    if (request.destroyed && !request.complete) return null;
    throw error;
  }
}

async function answerAtEnd(job: Job, response: Response, idleMs: number): Promise<void> {
  const left = new AbortController();
  const leave = () => {
    left.abort();
    job.cancel();
  };
  response.once("close", leave);
  if (response.destroyed) leave();
  // Nothing is sent until the job has ended, which may take longer than a socket may be silent.
  response.socket?.setTimeout(0);
  while (!job.isFinished && !left.signal.aborted) await job.changed(left.signal);
  if (left.signal.aborted) return;
  response.socket?.setTimeout(idleMs);
  const { report } = job.result!;
  response.status("error" in report ? 422 : 200).json(report);
}

function missing(): TelltaleError {
  return new TelltaleError(
    "JOB_MISSING",
    "Expected a job of yours that has a result but there is none: it may not have ended, or its time is over.",
  );
}
