import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { JobView } from "../../src/web/job-schema.ts";
import { type ServeOptions, serveOptionsSchema, type Timings } from "../../src/web/options.ts";
import { type RunningServer, startServer } from "../../src/web/server.ts";
import { fixture } from "../cli/run-cli.ts";

/** A real server on a free port, with the shipped model on one thread. */
export function startTestServer(
  options: Partial<ServeOptions> = {},
  others: { timings?: Partial<Timings>; frames?: number; pageFolder?: string } = {},
): Promise<RunningServer> {
  const { timings, frames = 4, pageFolder } = others;
  return startServer({
    serve: serveOptionsSchema.parse({ port: 0, ...options }),
    detect: { backend: "wasm", workers: 1, frames },
    ...(timings ? { timings } : {}),
    ...(pageFolder ? { pageFolder } : {}),
  });
}

/** Bytes of a fixture, fit for fetch. */
export const bytesOf = (name: string) => new Uint8Array(readFileSync(fixture(name)));

/** Somebody with a secret of their own, as a program has it. */
export class Client {
  readonly #url: string;
  readonly headers: Record<string, string>;

  constructor(url: string, headers: Record<string, string> = {}) {
    this.#url = url;
    this.headers = {
      "Telltale-Owner": Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64url"),
      ...headers,
    };
  }

  ask(path: string, init: RequestInit = {}): Promise<Response> {
    return fetch(new URL(path, this.#url), {
      ...init,
      headers: { ...this.headers, ...(init.headers as object) },
    });
  }

  post(body: RequestInit["body"], query = "", headers: Record<string, string> = {}): Promise<Response> {
    return this.ask(`api/jobs${query}`, { method: "POST", body: body!, headers });
  }

  /** The job of an upload, which must be taken. */
  async send(name: string): Promise<JobView> {
    const response = await this.post(bytesOf(name), `?name=${encodeURIComponent(name)}`);
    if (response.status !== 202) throw new Error(`${response.status} ${await response.text()}`);
    return (await response.json()) as JobView;
  }

  /** The job once it has ended. */
  async end(id: string): Promise<JobView> {
    for (;;) {
      const job = (await (await this.ask(`api/jobs/${id}`)).json()) as JobView;
      if (job.state === "done" || job.state === "failed") return job;
      await sleep(50);
    }
  }
}

/** Status and code of a refusal. */
export async function refusal(response: Response): Promise<{ status: number; code: string }> {
  const { error } = (await response.json()) as { error: { code: string } };
  return { status: response.status, code: error.code };
}

/** Writes raw bytes to the server, and everything it answers until it closes, or `until` is in it. */
export async function talk(
  url: string,
  text: string,
  { until = "\0", every, drip = "" }: { until?: string; every?: number; drip?: string } = {},
): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  let answer = "";
  const done = new Promise<void>((resolve) => {
    socket.on("data", (chunk) => {
      answer += chunk;
      if (answer.includes(until)) resolve();
    });
    socket.on("error", () => resolve());
    socket.on("close", () => resolve());
  });
  socket.write(text);
  const dripping = every === undefined ? undefined : setInterval(() => socket.write(drip), every);
  await done;
  clearInterval(dripping);
  socket.destroy();
  return answer;
}

/** Events of a stream until it ends: their names and data. */
export async function readEvents(response: Response): Promise<{ type: string; data: unknown }[]> {
  return (await response.text())
    .split("\n\n")
    .filter((block) => block.includes("data: "))
    .map((block) => ({
      type: /^event: (.*)$/m.exec(block)?.[1] ?? "",
      data: JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? "null"),
    }));
}
