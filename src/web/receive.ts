import { once } from "node:events";
import { type FileHandle, open, rm } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
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
 * @throws TelltaleError `UPLOAD_TOO_LARGE`, `UPLOAD_STALLED`, `UPLOAD_INVALID`, `OUTPUT_UNWRITABLE` where the file
 *   cannot be written; then no file is left
 */
export async function receive(request: IncomingMessage, options: ReceiveOptions): Promise<Upload> {
  const { path } = options;
  const type = (request.headers["content-type"] ?? "").toLowerCase();
  if (/^(application\/json|multipart\/(?!form-data))/.test(type)) {
    const sentence = `Expected a file as raw body or as multipart/form-data but received ${type.split(";")[0]}: send the bytes of a picture or video.`;
    throw new TelltaleError("UPLOAD_INVALID", sentence);
  }
  const target = await UploadFile.open(path, options.maxBytes);
  const watch = new Watch(options);
  try {
    const given = type.startsWith("multipart/")
      ? await receiveForm(request, target, watch)
      : await receiveRaw(request, target, watch, options.name);
    if (target.bytes === 0) {
      const sentence = "Expected the bytes of a picture or video but received none: send a file as the body.";
      throw new TelltaleError("UPLOAD_INVALID", sentence);
    }
    await target.close();
    return { name: displayName(given), bytes: target.bytes, path };
  } catch (error) {
    await target.discard();
    throw error;
  } finally {
    watch.stop();
  }
}

/** The error for a body that is larger than is taken. */
export function tooLarge(maxBytes: number): TelltaleError {
  const sentence = `Expected a file of at most ${maxBytes / 2 ** 20} MiB but received a larger one: send a shorter or smaller copy.`;
  return new TelltaleError("UPLOAD_TOO_LARGE", sentence);
}

async function receiveRaw(
  request: IncomingMessage,
  target: UploadFile,
  watch: Watch,
  name: string | undefined,
): Promise<string | undefined> {
  for await (const chunk of bodyOf(request, watch)) await watch.unlessOver(target.write(chunk));
  return name;
}

async function receiveForm(
  request: IncomingMessage,
  target: UploadFile,
  watch: Watch,
): Promise<string | undefined> {
  const form = openForm(request, target.maxBytes);
  const part: { written: Promise<void> | null; name?: string; stream?: Readable } = { written: null };
  form.on("file", (_field, file, name) => {
    part.stream = file;
    part.name = name;
    part.written = writePart(file, target);
    // The parser waits for ever for a file that nobody reads: the whole upload ends with it.
    part.written.catch((error) => watch.fail(error));
  });
  form.on("error", (cause) => watch.fail(damaged(cause)));
  const sentence = "Expected one file a request but received several parts.";
  const refuse = () => watch.fail(new TelltaleError("UPLOAD_INVALID", sentence));
  for (const limit of ["filesLimit", "partsLimit", "fieldsLimit"] as const) form.on(limit, refuse);
  const finished = once(form, "finish");
  finished.catch(() => {});
  try {
    for await (const chunk of bodyOf(request, watch)) {
      if (!form.write(chunk)) await watch.unlessOver(once(form, "drain"));
    }
    form.end();
    await watch.unlessOver(finished);
    if (part.written === null) {
      throw new TelltaleError("UPLOAD_INVALID", "Expected a form with a file but received one without.");
    }
    await watch.unlessOver(part.written);
    return part.name;
  } catch (error) {
    // The parser does not end a file that its form breaks off in.
    part.stream?.destroy();
    await part.written?.catch(() => {});
    throw error;
  } finally {
    form.destroy();
  }
}

async function writePart(part: Readable & { truncated?: boolean }, target: UploadFile): Promise<void> {
  for await (const chunk of part) await target.write(chunk as Buffer);
  if (part.truncated) throw tooLarge(target.maxBytes);
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

function damaged(cause: unknown): TelltaleError {
  const sentence = "Expected a whole multipart form but received a damaged one: send it again.";
  return new TelltaleError("UPLOAD_INVALID", sentence, { cause });
}

/** The chunks of a body. Whoever stops reading leaves the connection open. */
async function* bodyOf(request: IncomingMessage, watch: Watch): AsyncGenerator<Buffer> {
  const chunks = request.iterator({ destroyOnReturn: false });
  try {
    for (;;) {
      const next = await watch.unlessOver(chunks.next());
      if (next.done) return;
      watch.count(next.value.length);
      yield next.value;
    }
  } catch (error) {
    if (error instanceof TelltaleError) throw error;
    const sentence = "The connection ended before the file did: send it again.";
    throw new TelltaleError("UPLOAD_INVALID", sentence, { cause: error });
  } finally {
    // Lets go of the request; where a chunk is still awaited that happens when it comes, so nobody waits for it here.
    void chunks.return?.().catch(() => {});
  }
}

/** The temporary file of an upload. */
class UploadFile {
  readonly maxBytes: number;
  bytes = 0;
  readonly #path: string;
  readonly #handle: FileHandle;

  private constructor(path: string, handle: FileHandle, maxBytes: number) {
    this.#path = path;
    this.#handle = handle;
    this.maxBytes = maxBytes;
  }

  /** @throws TelltaleError `OUTPUT_UNWRITABLE` */
  static async open(path: string, maxBytes: number): Promise<UploadFile> {
    return new UploadFile(path, await open(path, "wx", 0o600).catch(unwritable), maxBytes);
  }

  /** @throws TelltaleError `UPLOAD_TOO_LARGE`, `OUTPUT_UNWRITABLE` */
  async write(chunk: Buffer): Promise<void> {
    this.bytes += chunk.length;
    if (this.bytes > this.maxBytes) throw tooLarge(this.maxBytes);
    await this.#handle.writeFile(chunk).catch(unwritable);
  }

  /** @throws TelltaleError `OUTPUT_UNWRITABLE` */
  async close(): Promise<void> {
    await this.#handle.close().catch(unwritable);
  }

  /** Closes and deletes the file; never rejects. */
  async discard(): Promise<void> {
    await this.#handle.close().catch(() => {});
    await rm(this.#path, { force: true }).catch(() => {});
  }
}

/** The error for an upload that the server cannot write down. */
export function unwritable(cause: unknown): never {
  const why = (cause as NodeJS.ErrnoException).code ?? String(cause);
  const sentence = `Expected to write the upload into the server's temporary folder but could not (${why}): tell whoever runs the server to look at it.`;
  throw new TelltaleError("OUTPUT_UNWRITABLE", sentence, { cause });
}

/** Ends an upload that is too slow, or that fails somewhere else than where its next chunk is waited for. */
class Watch {
  readonly #stall: NodeJS.Timeout;
  readonly #end: NodeJS.Timeout;
  readonly #over: Promise<never>;
  #reject!: (error: Error) => void;
  #bytes = 0;

  constructor({ stallMs, timeoutMs }: Pick<ReceiveOptions, "stallMs" | "timeoutMs">) {
    this.#over = new Promise<never>((_, reject) => {
      this.#reject = reject;
    });
    this.#over.catch(() => {});
    this.#stall = setInterval(() => {
      if (this.#bytes < minUploadBytes) {
        const sentence = `Expected ${minUploadBytes >> 10} KiB of the file in ${stallMs / 1000} s but received ${this.#bytes} bytes: the upload came to a halt, send it again.`;
        this.fail(new TelltaleError("UPLOAD_STALLED", sentence));
      }
      this.#bytes = 0;
    }, stallMs);
    this.#end = setTimeout(() => {
      const sentence = `Expected the whole file within ${timeoutMs / 1000} s but it was still arriving: send a smaller copy, or use a faster network.`;
      this.fail(new TelltaleError("UPLOAD_STALLED", sentence));
    }, timeoutMs);
  }

  count(bytes: number): void {
    this.#bytes += bytes;
  }

  fail(error: Error): void {
    this.#reject(error);
  }

  /** @throws what the upload failed with, as soon as that happens */
  unlessOver<Value>(step: Promise<Value>): Promise<Value> {
    return Promise.race([step, this.#over]);
  }

  stop(): void {
    clearInterval(this.#stall);
    clearTimeout(this.#end);
  }
}
