import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { safeJson } from "../report/control-characters.ts";
import type { AuditEntry } from "../types/audit.ts";
import type { FileName } from "./file-name.ts";
import { OffsetIndex } from "./offset-index.ts";

const NEWLINE = 10;
/** Most lines are shorter, so that one read is enough. */
const LINE_GUESS_BYTES = 4096;

interface Append {
  readonly entry: AuditEntry;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * `ledger.jsonl`: the results of an audit, append-only, one line per file. The last line of a path is valid.
 *
 * A line is on the disk when {@link Ledger.append} resolves. Memory holds two offsets per line, no entries.
 */
export class Ledger {
  readonly #file: FileHandle;
  readonly #path: string;
  #end: number;
  readonly #byPath = new OffsetIndex();
  readonly #byContent = new OffsetIndex();
  #waiting: Append[] = [];
  #isWriting = false;
  #written: Promise<void> = Promise.resolve();

  private constructor(file: FileHandle, path: string, end: number) {
    this.#file = file;
    this.#path = path;
    this.#end = end;
  }

  /** Opens or creates a folder's ledger. Removes an incomplete last line, e.g. after a power failure. */
  static async open(folder: string): Promise<Ledger> {
    const path = join(folder, "ledger.jsonl");
    const file = await open(path, "a+");
    const { size } = await file.stat();
    const end = await wholeEnd(file, size);
    if (end < size) await file.truncate(end);
    const ledger = new Ledger(file, path, end);
    for await (const { entry, offset } of readEntries(path, end)) ledger.#index(entry, offset);
    return ledger;
  }

  /** Number of recorded paths. */
  get paths(): number {
    return this.#byPath.size;
  }

  /** The last entry of a path; null if there is none. */
  async ofPath(name: FileName): Promise<AuditEntry | null> {
    const offset = this.#byPath.get(hashOfPath(name.bytes));
    const entry = offset === null ? null : await this.#readAt(offset);
    return entry !== null && pathBytes(entry).equals(name.bytes) ? entry : null;
  }

  /** An entry with this content under any path; null if there is none. */
  async ofContent(sha256: string): Promise<AuditEntry | null> {
    const offset = this.#byContent.get(Buffer.from(sha256, "hex"));
    const entry = offset === null ? null : await this.#readAt(offset);
    return entry?.sha256 === sha256 ? entry : null;
  }

  /** Adds a line; resolves when it is on the disk. Lines added during a write are written together. */
  append(entry: AuditEntry): Promise<void> {
    return new Promise<void>((done, failed) => {
      this.#waiting.push({ entry, done, failed });
      if (!this.#isWriting) this.#written = this.#write();
    });
  }

  async #write(): Promise<void> {
    this.#isWriting = true;
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        const lines = batch.map(({ entry }) => Buffer.from(`${safeJson(entry)}\n`));
        await this.#file.appendFile(Buffer.concat(lines));
        await this.#file.datasync();
        for (const [i, { entry, done }] of batch.entries()) {
          this.#index(entry, this.#end);
          this.#end += lines[i]!.length;
          done();
        }
      } catch (error) {
        for (const { failed } of batch) failed(error);
      }
    }
    // No await between the check for waiting lines and this line, so no append is missed.
    this.#isWriting = false;
  }

  /** The last entry of each path, in the order of the file. */
  async *current(): AsyncGenerator<AuditEntry> {
    for await (const { entry, offset } of readEntries(this.#path, this.#end)) {
      if (this.#byPath.get(hashOfPath(pathBytes(entry))) === offset) yield entry;
    }
  }

  /** Waits for pending writes and closes the file. */
  async close(): Promise<void> {
    await this.#written;
    await this.#file.close();
  }

  #index(entry: AuditEntry, offset: number): void {
    this.#byPath.set(hashOfPath(pathBytes(entry)), offset);
    // Duplicates refer to the analyzed file, never to another duplicate.
    if (entry.sha256 !== null && entry.duplicateOf === null) {
      this.#byContent.set(Buffer.from(entry.sha256, "hex"), offset);
    }
  }

  async #readAt(offset: number): Promise<AuditEntry | null> {
    const parts: Buffer[] = [];
    for (let at = offset; at < this.#end; ) {
      const buffer = Buffer.alloc(Math.min(LINE_GUESS_BYTES, this.#end - at));
      const { bytesRead } = await this.#file.read(buffer, 0, buffer.length, at);
      const newline = buffer.subarray(0, bytesRead).indexOf(NEWLINE);
      parts.push(buffer.subarray(0, newline < 0 ? bytesRead : newline));
      if (newline >= 0 || bytesRead === 0) break;
      at += bytesRead;
    }
    return parse(Buffer.concat(parts));
  }
}

/** An entry's path as bytes. */
export function pathBytes({ path, pathBase64 }: Pick<AuditEntry, "path" | "pathBase64">): Buffer {
  return pathBase64 === null ? Buffer.from(path) : Buffer.from(pathBase64, "base64");
}

function hashOfPath(path: Buffer): Uint8Array {
  return createHash("sha256").update(path).digest();
}

/** Offset after the last complete line, searched backwards. */
async function wholeEnd(file: FileHandle, size: number): Promise<number> {
  const buffer = Buffer.alloc(LINE_GUESS_BYTES);
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - buffer.length);
    const { bytesRead } = await file.read(buffer, 0, end - start, start);
    const newline = buffer.subarray(0, bytesRead).lastIndexOf(NEWLINE);
    if (newline >= 0) return start + newline + 1;
    end = start;
  }
  return 0;
}

/** Entries up to offset `end` with their offsets. Skips damaged lines. */
async function* readEntries(
  path: string,
  end: number,
): AsyncGenerator<{ readonly entry: AuditEntry; readonly offset: number }> {
  if (end === 0) return;
  let offset = 0;
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(path, { end: end - 1, highWaterMark: 1 << 18 })) {
    const bytes = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer]);
    let from = 0;
    for (let to = bytes.indexOf(NEWLINE); to >= 0; to = bytes.indexOf(NEWLINE, from)) {
      const entry = parse(bytes.subarray(from, to));
      if (entry !== null) yield { entry, offset };
      offset += to + 1 - from;
      from = to + 1;
    }
    rest = bytes.subarray(from);
  }
}

function parse(line: Buffer): AuditEntry | null {
  try {
    return JSON.parse(line.toString("utf8")) as AuditEntry;
  } catch {
    return null;
  }
}
