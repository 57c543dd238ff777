import { once } from "node:events";
import type { Request, Response } from "express";
import type { Job } from "./job.ts";
import type { JobView } from "./job-schema.ts";

export interface StreamOptions {
  readonly job: Job;
  /** What to say of the job now. */
  readonly view: () => JobView;
  readonly heartbeatMs: number;
}

/**
 * Tells a job's progress as server-sent events: `status` whenever its place or state changes, `frame` for each frame
 * from the first on (or after `Last-Event-ID`), `end` with the whole job.
 *
 * A client that reads slowly is waited for, and gets everything: what it has not read is not kept for it.
 */
export async function streamEvents(
  request: Request,
  response: Response,
  options: StreamOptions,
): Promise<void> {
  const { job, view, heartbeatMs } = options;
  const left = new AbortController();
  response.once("close", () => left.abort());
  begin(response);
  const heartbeat = setInterval(() => {
    if (!response.writableNeedDrain) response.write(": still here\n\n");
  }, heartbeatMs);
  try {
    const lastId = Number.parseInt(request.get("Last-Event-ID") ?? "", 10);
    let next = Number.isNaN(lastId) ? 0 : lastId + 1;
    let said = "";
    while (!left.signal.aborted) {
      const status = statusOf(job, view());
      if (status !== said) await write(response, `event: status\ndata: ${status}\n\n`, left.signal);
      said = status;
      while (next < job.frames.length && !left.signal.aborted) {
        const frame = JSON.stringify(job.frames[next]);
        await write(response, `id: ${next++}\nevent: frame\ndata: ${frame}\n\n`, left.signal);
      }
      if (job.isFinished) break;
      // Whatever happened while a slow client was waited for is told first. A client may claim to have had frames
      // that are still to come.
      if (next >= job.frames.length && statusOf(job, view()) === said) await job.changed(left.signal);
    }
    if (!left.signal.aborted) endStream(response, view());
  } finally {
    clearInterval(heartbeat);
  }
}

/** The events of a job that has ended before anybody asked: its end. */
export function streamEnd(response: Response, view: JobView): void {
  begin(response);
  endStream(response, view);
}

function begin(response: Response): void {
  response.status(200).set({
    "Content-Type": "text/event-stream; charset=utf-8",
    // Proxies would keep events back until they have a few KB: nginx heeds this.
    "X-Accel-Buffering": "no",
  });
  response.flushHeaders();
  // A client that lost the connection comes back after this long, in milliseconds.
  response.write("retry: 1000\n\n");
}

function endStream(response: Response, view: JobView): void {
  response.end(`event: end\ndata: ${JSON.stringify(view)}\n\n`);
}

function statusOf({ kind }: Job, { state, ahead, progress }: JobView): string {
  return JSON.stringify({ state, ahead, total: progress.total, kind });
}

async function write(response: Response, text: string, signal: AbortSignal): Promise<void> {
  if (!response.write(text)) await once(response, "drain", { signal }).catch(() => {});
}
