import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join, sep } from "node:path";
import { Readable, Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import { TelltaleError } from "../errors.ts";
import { textPath } from "../files/text-path.ts";
import { fileName, pathBelow } from "./file-name.ts";
import type { JudgeTask } from "./judge.ts";

/** A task's file, where it can be read. */
export interface Material {
  /** The file itself, a link to it, or a copy of it. */
  readonly path: string;
  release(): Promise<void>;
}

/**
 * Makes a task's file readable: below a shared path, or fetched from an address.
 *
 * @param scratch folder for links and copies
 * @throws TelltaleError `FILE_MISSING` for an address that does not answer with the file, `USAGE` for a path that
 *   leaves its folder
 */
export async function reach(task: JudgeTask, scratch: string, signal: AbortSignal): Promise<Material> {
  const name = fileName(Buffer.from(task.pathBase64, "base64"));
  // What comes from a queue may have been put there by anybody.
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
  const path = await textPath(raw, scratch);
  const isLink = !Buffer.from(path).equals(raw);
  return { path, release: async () => (isLink ? rm(path, { force: true }) : undefined) };
}

/** The address of a file below a prefix: each byte that an address cannot hold is escaped. */
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
    throw missing("nothing answers there", cause);
  });
  if (!response.ok || response.body === null) throw missing(`the answer is ${response.status}`);
  let bytes = 0;
  const bound = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      done(
        bytes > maxBytes ? missing(`it is larger than the ${maxBytes} bytes that were announced`) : null,
        chunk,
      );
    },
  });
  await pipeline(Readable.fromWeb(response.body as never), bound, createWriteStream(path, { flags: "w" }), {
    signal,
  });
}
