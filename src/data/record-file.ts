import { randomBytes } from "node:crypto";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { TelltaleError } from "../errors.ts";
import { flushFolder, replaceByStream } from "../files/write-file.ts";

/**
 * Fills a buffer from a file.
 *
 * @throws TelltaleError `DATA_INVALID` if the file is too short
 */
export async function readExactly(file: FileHandle, target: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < target.length; ) {
    const { bytesRead } = await file.read(target, done, target.length - done, position + done);
    if (bytesRead === 0) {
      const sentence =
        "Expected more bytes in a file of the cache, but it was cut short: remove the cache folder and start again.";
      throw new TelltaleError("DATA_INVALID", sentence);
    }
    done += bytesRead;
  }
}

/** Opens a record file; null if it is missing or shorter than `bytes`. */
export async function openWhole(path: string, bytes: number): Promise<FileHandle | null> {
  const file = await open(path, "r").catch(() => null);
  if (file === null || (await file.stat()).size >= bytes) return file;
  await file.close();
  return null;
}

/**
 * Writes records to `NAME.bin` and their list to `NAME.jsonl`. Both are written under temporary names first, so that two
 * runs can write the same records at the same time; the last one to finish wins.
 */
export class RecordWriter {
  length = 0;
  readonly #folder: string;
  readonly #name: string;
  readonly #partial: string;
  readonly #file: FileHandle;

  private constructor(folder: string, name: string, partial: string, file: FileHandle) {
    this.#folder = folder;
    this.#name = name;
    this.#partial = partial;
    this.#file = file;
  }

  static async create(folder: string, name: string): Promise<RecordWriter> {
    const partial = join(folder, `${name}.bin.${randomBytes(4).toString("hex")}.partial`);
    return new RecordWriter(folder, name, partial, await open(partial, "wx"));
  }

  async append(bytes: Uint8Array): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.#file.write(bytes, done, bytes.length - done, this.length + done);
      done += bytesWritten;
    }
    this.length += bytes.length;
  }

  /** Removes everything that was written. */
  async abandon(): Promise<void> {
    await this.#file.close();
    await rm(this.#partial, { force: true });
  }

  /** Completes both files. @param records lines of the list */
  async finish(records: readonly object[]): Promise<void> {
    try {
      await this.#file.sync();
    } finally {
      await this.#file.close();
    }
    const list = join(this.#folder, `${this.#name}.jsonl`);
    // A list must not be combined with the records of another run, so the old list goes first.
    await rm(list, { force: true });
    await rename(this.#partial, join(this.#folder, `${this.#name}.bin`));
    await flushFolder(this.#folder);
    await replaceByStream(list, async (write) => {
      for (const record of records) await write(`${JSON.stringify(record)}\n`);
    });
  }
}
