import type { Health, JobSummary, JobView, LiveFrame } from "../job-schema.ts";

/** What the server refused, or the network did. */
export class Refusal extends Error {
  readonly code: string;
  /** Null where coming back later does not help. */
  readonly retryAfterSec: number | null;

  constructor(code: string, message: string, retryAfterSec: number | null = null) {
    super(message);
    this.code = code;
    this.retryAfterSec = retryAfterSec;
  }
}

const offline = () =>
  new Refusal("OFFLINE", "The server cannot be reached: check that it runs, then try again.");

/** What the server takes, and whether it wants a token first. */
export async function askHealth(): Promise<Health> {
  const response = await fetch("api/health").catch(() => {
    throw offline();
  });
  return (await response.json()) as Health;
}

/** The reader's jobs, oldest first. @throws Refusal */
export async function askJobs(): Promise<JobSummary[]> {
  return ((await askJson("api/jobs")) as { jobs: JobSummary[] }).jobs;
}

/** A job with its report. @throws Refusal */
export async function askJob(id: string): Promise<JobView> {
  return (await askJson(`api/jobs/${id}`)) as JobView;
}

async function askJson(url: string): Promise<unknown> {
  const response = await fetch(url).catch(() => {
    throw offline();
  });
  if (!response.ok) throw refusalOf(await response.text(), null);
  return response.json();
}

/** The clip that comes with the package, to try the page with. @throws Refusal */
export async function fetchSample(): Promise<File> {
  const response = await fetch("sample.mp4").catch(() => {
    throw offline();
  });
  if (!response.ok) throw new Refusal("NOT_FOUND", "The sample is not on this server.");
  return new File([await response.blob()], "sample.mp4", { type: "video/mp4" });
}

/** @throws Refusal `TOKEN_WRONG` */
export async function signIn(token: string): Promise<void> {
  const response = await fetch("api/session", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ token }),
  }).catch(() => {
    throw offline();
  });
  if (!response.ok) throw refusalOf(await response.text(), null);
}

/**
 * Sends a file. XMLHttpRequest, since fetch does not say how much of an upload is through.
 *
 * @throws Refusal
 */
export function sendFile(
  file: File,
  { signal, onProgress }: { signal: AbortSignal; onProgress: (share: number) => void },
): Promise<JobView> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `api/jobs?name=${encodeURIComponent(file.name)}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.addEventListener("progress", ({ loaded }) =>
      onProgress(file.size > 0 ? loaded / file.size : 1),
    );
    request.addEventListener("load", () => {
      if (request.status === 202) resolve(JSON.parse(request.responseText) as JobView);
      else reject(refusalOf(request.responseText, request.getResponseHeader("Retry-After")));
    });
    request.addEventListener("error", () => reject(offline()));
    request.addEventListener("abort", () => reject(new Refusal("JOB_CANCELLED", "Cancelled.")));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    request.send(file);
  });
}

function refusalOf(text: string, retryAfter: string | null): Refusal {
  try {
    const { error } = JSON.parse(text) as { error: { code: string; message: string } };
    return new Refusal(error.code, error.message, retryAfter === null ? null : Number(retryAfter));
  } catch {
    return new Refusal("UNEXPECTED", "The server gave an answer that this page does not understand.");
  }
}

/** What a job tells while it goes on. */
export interface JobListener {
  onStatus(status: {
    state: JobView["state"];
    ahead: number | null;
    total: number | null;
    kind: "image" | "video" | null;
  }): void;
  onFrame(frame: LiveFrame): void;
  onEnd(job: JobView): void;
  /** The job is gone: wiped, or the server was restarted. */
  onLost(): void;
}

/** What a refused listener waits before it tries again. Milliseconds. */
const RETRY_MS = 2000;

/**
 * Listens to a job until its end; the browser itself takes up a lost connection. Where the server refuses the listener
 * but still has the job, e.g. because too many others listen, it tries again.
 */
export function listen(id: string, listener: JobListener): { close(): void } {
  let events: EventSource;
  let retry: ReturnType<typeof setTimeout> | undefined;
  let isOver = false;
  let framesHeard = -1;
  const end = () => {
    isOver = true;
    clearTimeout(retry);
    events.close();
  };
  const connect = () => {
    events = new EventSource(`api/jobs/${id}/events?keep`);
    const read = <Data>(type: string, take: (data: Data) => void) =>
      events.addEventListener(type, (event) =>
        take(JSON.parse((event as MessageEvent<string>).data) as Data),
      );
    read("status", listener.onStatus);
    read("frame", (frame: LiveFrame) => {
      // A new stream begins with the first frame again.
      if (frame.index <= framesHeard) return;
      framesHeard = frame.index;
      listener.onFrame(frame);
    });
    read("end", (job: JobView) => {
      end();
      listener.onEnd(job);
    });
    events.addEventListener("error", () => {
      // Closed by the browser itself: the answer was a refusal, and only the job's address says which.
      if (events.readyState === EventSource.CLOSED && !isOver) void findOut();
    });
  };
  const findOut = async () => {
    const response = await fetch(`api/jobs/${id}`).catch(() => null);
    if (isOver) return;
    if (response?.status === 404 || response?.status === 401) {
      end();
      listener.onLost();
      return;
    }
    retry = setTimeout(connect, RETRY_MS);
  };
  connect();
  return { close: end };
}

/** Address of what belongs to a job. */
export const jobUrl = (id: string, rest: string) => `api/jobs/${id}/${rest}`;

/** Deletes a job with its result; also while the page is being left. */
export async function wipe(id: string): Promise<void> {
  await fetch(`api/jobs/${id}`, { method: "DELETE", keepalive: true }).catch(() => {});
}
