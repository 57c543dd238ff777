import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join, sep } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { TelltaleError } from "../errors.ts";
import { utf8Path } from "../files/utf8-path.ts";
import type { AnalysisTask } from "./analyzer.ts";
import { fileName, pathBelow } from "./file-name.ts";

/** A file of a task on this machine. */
export interface LocalMedia {
  /** The file itself, a link to it, or a copy of it. */
  readonly path: string;
  release(): Promise<void>;
}

/**
 * Opens a task's file by its path, or downloads it if the task's folder is a URL.
 *
 * @param scratch folder for temporary links and copies
 * @throws TelltaleError `FILE_MISSING` if the download fails, `USAGE` for a path outside the folder
 */
export async function openMedia(
  task: AnalysisTask,
  scratch: string,
  signal: AbortSignal,
): Promise<LocalMedia> {
  const name = fileName(Buffer.from(task.pathBase64, "base64"));
  // A task from a queue is not trusted.
  if (name.text.split(/[\\/]/).includes("..")) {
    throw new TelltaleError("USAGE", `Expected a path below the audited folder but received ${name.text}.`);
  }
  if (/^https?:/.test(task.folder)) {
    const path = join(scratch, task.id);
    const release = () => rm(path, { force: true });
    try {
      await download(addressOf(task.folder, name.bytes), { path, maxBytes: task.bytes, signal });
    } catch (error) {
      await release();
      throw error;
    }
    return { path, release };
  }
  const raw = pathBelow(task.folder, name);
  const path = await utf8Path(raw, scratch);
  const isLink = !Buffer.from(path).equals(raw);
  return { path, release: async () => (isLink ? rm(path, { force: true }) : undefined) };
}

/** URL of a file below a prefix, percent-encoded. @param path bytes, not necessarily UTF-8 */
export function addressOf(prefix: string, path: Buffer): string {
  const escaped = [...path]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      if (character === sep || /[A-Za-z0-9._~/-]/.test(character))
        return character === "\\" ? "/" : character;
      return `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    })
    .join("");
  return `${prefix.replace(/\/+$/, "")}/${escaped}`;
}

async function download(
  address: string,
  { path, maxBytes, signal }: { path: string; maxBytes: number; signal: AbortSignal },
): Promise<void> {
  const missing = (why: string, cause?: unknown) =>
    new TelltaleError("FILE_MISSING", `Expected a file at ${address} but ${why}; check --media.`, { cause });
  const response = await fetch(address, { signal }).catch((cause: unknown) => {
    throw missing("the server cannot be reached", cause);
  });
  if (!response.ok || response.body === null) throw missing(`received status ${response.status}`);
  let bytes = 0;
  const bound = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      done(
        bytes > maxBytes ? missing(`it is larger than ${maxBytes} bytes, its size in the audit`) : null,
        chunk,
      );
    },
  });
  await pipeline(Readable.fromWeb(response.body as never), bound, createWriteStream(path, { flags: "w" }), {
    signal,
  });
}
