import { once } from "node:events";
import { createWriteStream, type WriteStream } from "node:fs";
import { rm, stat } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Busboy, type BusboyHeaders } from "@fastify/busboy";
import { TelltaleError } from "../errors.ts";
import { displayName } from "./display-name.ts";
import type { Upload } from "./job.ts";
import { minUploadBytes } from "./options.ts";

export interface ReceiveOptions {
  /** Where the file goes; nothing may be there. */
  readonly path: string;
  /** Name of a raw body; a multipart body has its own. */
  readonly name: string | undefined;
  readonly maxBytes: number;
  /** For the whole upload. */
  readonly timeoutMs: number;
  /** Without {@link minUploadBytes} for this long, it has come to a halt. */
  readonly stallMs: number;
}

/**
 * Streams the body of a request, raw or multipart with one file, into a file: never more than a few chunks are in
 * memory. The request is left as it is, so that a refusal can still be answered.
 *
 * @throws TelltaleError `UPLOAD_TOO_LARGE`, `UPLOAD_STALLED`, `UPLOAD_INVALID`; then no file is left
 */
export async function receive(request: IncomingMessage, options: ReceiveOptions): Promise<Upload> {
  const { path } = options;
  try {
    const isMultipart = /^multipart\/form-data/i.test(request.headers["content-type"] ?? "");
    const given = isMultipart ? await receiveForm(request, options) : await receiveRaw(request, options);
    const { size } = await stat(path);
    return { name: displayName(given), bytes: size, path };
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

/** The error for a body that is larger than is taken. */
export function tooLarge(maxBytes: number): TelltaleError {
  const sentence = `Expected a file of at most ${maxBytes / 2 ** 20} MiB but received a larger one: send a shorter or smaller copy.`;
  return new TelltaleError("UPLOAD_TOO_LARGE", sentence);
}

async function receiveRaw(request: IncomingMessage, options: ReceiveOptions): Promise<string | undefined> {
  await pipeline(
    bodyOf(request, options),
    (source: AsyncIterable<Buffer>) => limit(source, options.maxBytes),
    createWriteStream(options.path, { flags: "wx", mode: 0o600 }),
  );
  return options.name;
}

async function receiveForm(request: IncomingMessage, options: ReceiveOptions): Promise<string | undefined> {
  let written: Promise<string | undefined> | null = null;
  const sinks: WriteStream[] = [];
  const form = openForm(request, options.maxBytes);
  const write = async (file: Readable & { truncated: boolean }, name: string | undefined) => {
    const sink = createWriteStream(options.path, { flags: "wx", mode: 0o600 });
    sinks.push(sink);
    await pipeline(file, sink);
    if (file.truncated) throw tooLarge(options.maxBytes);
    return name;
  };
  form.on("file", (_field, file, name) => {
    written = write(file, name);
    // It is awaited below; until then its failure is not unhandled, and what is left of the form passes by.
    written.catch(() => file.resume());
  });
  // Nothing of the rest is read.
  const refuse = () =>
    form.destroy(
      new TelltaleError("UPLOAD_INVALID", "Expected one file a request but received several parts."),
    );
  for (const limit of ["filesLimit", "partsLimit", "fieldsLimit"] as const) form.on(limit, refuse);
  try {
    await pipeline(bodyOf(request, options), form);
    if (written === null) {
      throw new TelltaleError("UPLOAD_INVALID", "Expected a form with a file but received one without.");
    }
    return await (written as Promise<string | undefined>);
  } catch (error) {
    // The parser does not end a file that its form breaks off in.
    for (const sink of sinks) {
      if (!sink.closed) await once(sink.destroy(), "close").catch(() => {});
    }
    if (error instanceof TelltaleError) throw error;
    const sentence = "Expected a whole multipart form but received a damaged one: send it again.";
    throw new TelltaleError("UPLOAD_INVALID", sentence, { cause: error });
  }
}

function openForm(request: IncomingMessage, maxBytes: number) {
  try {
    return new Busboy({
      headers: request.headers as BusboyHeaders,
      limits: { files: 1, fileSize: maxBytes, fields: 8, fieldSize: 1024, parts: 10, headerPairs: 32 },
    });
  } catch (cause) {
    const sentence = "Expected a multipart form with a boundary but received none: see RFC 7578.";
    throw new TelltaleError("UPLOAD_INVALID", sentence, { cause });
  }
}

async function* limit(source: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge(maxBytes);
    yield chunk;
  }
}

/** The chunks of a body. Whoever stops reading leaves the connection open. */
async function* bodyOf(
  request: IncomingMessage,
  { stallMs, timeoutMs }: ReceiveOptions,
): AsyncGenerator<Buffer> {
  const clock = watch(stallMs, timeoutMs);
  const chunks = request.iterator({ destroyOnReturn: false });
  try {
    for (;;) {
      const next = await Promise.race([chunks.next(), clock.ranOut]);
      if (next.done) return;
      clock.count(next.value.length);
      yield next.value;
    }
  } catch (error) {
    if (error instanceof TelltaleError) throw error;
    const sentence = "The connection ended before the file did: send it again.";
    throw new TelltaleError("UPLOAD_INVALID", sentence, { cause: error });
  } finally {
    clock.stop();
    // Lets go of the request; where a chunk is still awaited that happens when it comes, so nobody waits for it here.
    void chunks.return?.().catch(() => {});
  }
}

interface Clock {
  /** Rejects once an upload is too slow. */
  readonly ranOut: Promise<never>;
  count(bytes: number): void;
  stop(): void;
}

function watch(stallMs: number, timeoutMs: number): Clock {
  let bytes = 0;
  const { promise: ranOut, reject } = withReject();
  ranOut.catch(() => {});
  const stall = setInterval(() => {
    if (bytes < minUploadBytes) {
      const sentence = `Expected ${minUploadBytes >> 10} KiB of the file in ${stallMs / 1000} s but received ${bytes} bytes: the upload came to a halt, send it again.`;
      reject(new TelltaleError("UPLOAD_STALLED", sentence));
    }
    bytes = 0;
  }, stallMs);
  const end = setTimeout(() => {
    const sentence = `Expected the whole file within ${timeoutMs / 1000} s but it was still arriving: send a smaller copy, or use a faster network.`;
    reject(new TelltaleError("UPLOAD_STALLED", sentence));
  }, timeoutMs);
  return {
    ranOut,
    count: (more) => {
      bytes += more;
    },
    stop: () => {
      clearInterval(stall);
      clearTimeout(end);
    },
  };
}

// Promise.withResolvers came with Node 22.
function withReject(): { promise: Promise<never>; reject: (error: Error) => void } {
  let reject!: (error: Error) => void;
  const promise = new Promise<never>((_, no) => {
    reject = no;
  });
  return { promise, reject };
}
