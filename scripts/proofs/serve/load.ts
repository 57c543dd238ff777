import { randomBytes } from "node:crypto";
import { request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

export interface LoadOptions {
  readonly url: string;
  /** Files to send in turn; answers are checked by hash. */
  readonly files: readonly { readonly name: string; readonly bytes: Buffer; readonly sha256: string }[];
  readonly uploads: number;
  /** Number of clients, each with its own address (127.0.0.2 and up, Linux only) and secret. */
  readonly clients: number;
}

export interface LoadOutcome {
  readonly uploads: number;
  /** Number of uploads without an answer. */
  readonly lost: number;
  /** Number of answers about another file. */
  readonly mixedUp: number;
  /** Number of answers with Retry-After. */
  readonly refused: number;
  readonly seconds: number;
  /** Resident memory of the server in MiB, at the first answer and after each tenth of the uploads. */
  readonly memoryMib: readonly number[];
}

/** Sends all files with all clients at once; rejected clients retry after the given time. */
export async function proveLoad({ url, files, uploads, clients }: LoadOptions): Promise<LoadOutcome> {
  const startedMs = performance.now();
  const memoryMib: number[] = [];
  let [next, done, mixedUp, refused] = [0, 0, 0, 0];
  const work = async (client: number): Promise<void> => {
    const owner = randomBytes(32).toString("base64url");
    for (let i = next++; i < uploads; i = next++) {
      const file = files[i % files.length]!;
      const name = `${i}-${file.name}`;
      const { report, retries } = await judge(url, { body: file.bytes, name, owner, client });
      refused += retries;
      if (report.file.path !== name || (report.file.sha256 ?? file.sha256) !== file.sha256) mixedUp++;
      if (done++ % Math.ceil(uploads / 10) === 0) memoryMib.push(await residentMib(url));
    }
  };
  await Promise.all(Array.from({ length: clients }, (_, client) => work(client)));
  memoryMib.push(await residentMib(url));
  const seconds = Math.round((performance.now() - startedMs) / 1000);
  return { uploads, lost: uploads - done, mixedUp, refused, seconds, memoryMib };
}

interface Sent {
  readonly body: Buffer;
  readonly name: string;
  readonly owner: string;
  readonly client: number;
}

/** The part of a report that identifies the file; a failed file has no hash. */
interface Judged {
  readonly file: { readonly path: string; readonly sha256?: string };
}

async function judge(url: string, sent: Sent): Promise<{ report: Judged; retries: number }> {
  for (let retries = 0; ; retries++) {
    const { status, retryAfterSec, text } = await post(url, sent);
    if (status === 200 || status === 422) return { report: JSON.parse(text) as Judged, retries };
    if (status !== 429) throw new Error(`${status}: ${text}`);
    if (!(retryAfterSec > 0)) throw new Error("429 without Retry-After");
    await sleep(1000 * retryAfterSec);
  }
}

// node:http, because fetch cannot set the local address.
function post(
  url: string,
  { body, name, owner, client }: Sent,
): Promise<{ status: number; retryAfterSec: number; text: string }> {
  const localAddress = process.platform === "linux" ? { localAddress: `127.0.0.${2 + (client % 250)}` } : {};
  return new Promise((resolve, reject) => {
    const sending = request(
      new URL(`api/jobs?wait&name=${encodeURIComponent(name)}`, url),
      {
        method: "POST",
        agent: false,
        ...localAddress,
        headers: { "Telltale-Owner": owner, "Content-Length": body.length },
      },
      (response) => {
        let text = "";
        response.on("data", (chunk) => {
          text += chunk;
        });
        response.on("end", () =>
          resolve({
            status: response.statusCode!,
            retryAfterSec: Number(response.headers["retry-after"]),
            text,
          }),
        );
      },
    );
    sending.on("error", reject);
    sending.end(body);
  });
}

async function residentMib(url: string): Promise<number> {
  const text = await (await fetch(new URL("metrics", url))).text();
  return Math.round(Number(/^process_resident_memory_bytes (\S+)/m.exec(text)![1]) / 2 ** 20);
}
