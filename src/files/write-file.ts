import { randomBytes } from "node:crypto";
import { constants, createReadStream, createWriteStream } from "node:fs";
import { access, mkdir, mkdtemp, open, rename, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { TelltaleError } from "../errors.ts";
import { descriptorOf, followLinks } from "./follow-links.ts";

/** Small pieces of a stream are written together. */
const PIECE_BYTES = 1 << 16;

/**
 * Writes a file whole or not at all.
 *
 * A link is followed; a device, a pipe or a descriptor (`/dev/fd/63`) is written to. Where the call fails, a regular file
 * still has its old content.
 *
 * @throws TelltaleError `OUTPUT_UNWRITABLE`
 */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  await replaceFile(path, async (temporary) => {
    const file = await open(temporary, "wx");
    try {
      await file.writeFile(content);
    } finally {
      await file.close();
    }
  });
}

/**
 * Replaces a file by one that `write` makes, in the way of {@link writeWhole}.
 *
 * @param write creates the file at the path that it is given, which is on the same file system as the target
 * @returns what `write` returns
 * @throws TelltaleError `OUTPUT_UNWRITABLE`; whatever `write` throws that is not an error of the file system
 */
export async function replaceFile<Result>(
  path: string,
  write: (temporary: string) => Promise<Result>,
): Promise<Result> {
  try {
    if (await isStream(path)) return await writeThrough(path, write);
    const target = await followLinks(path);
    const temporary = join(
      dirname(target),
      `.${basename(target).slice(0, 100)}.${randomBytes(4).toString("hex")}.tmp`,
    );
    try {
      const result = await write(temporary);
      await flush(temporary);
      await rename(temporary, target);
      await flushFolder(dirname(target));
      return result;
    } finally {
      await rm(temporary, { force: true });
    }
  } catch (cause) {
    throw isSystemError(cause) ? unwritable(path, cause) : cause;
  }
}

/**
 * Replaces a file by one that is written piece by piece, in the way of {@link writeWhole}.
 *
 * @param fill calls `write` for each piece and waits for it, so that memory holds no more than one
 * @throws TelltaleError `OUTPUT_UNWRITABLE`; whatever `fill` throws
 */
export async function replaceByStream(
  path: string,
  fill: (write: (piece: string | Uint8Array) => Promise<void>) => Promise<void>,
): Promise<void> {
  await replaceFile(path, async (temporary) => {
    const file = await open(temporary, "wx");
    let pending: Buffer[] = [];
    let bytes = 0;
    const drain = async () => {
      // appendFile writes on until all is written, where write may stop early on a full disk.
      await file.appendFile(Buffer.concat(pending));
      [pending, bytes] = [[], 0];
    };
    try {
      await fill(async (piece) => {
        const buffer = Buffer.from(piece as string);
        pending.push(buffer);
        bytes += buffer.length;
        if (bytes >= PIECE_BYTES) await drain();
      });
      await drain();
    } finally {
      await file.close();
    }
  });
}

/** Makes sure that what a file holds is on the disk. */
export async function flush(path: string | Buffer): Promise<void> {
  const file = await open(path, "r+");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes sure that the names in a folder are on the disk, where the system can do that. */
export async function flushFolder(path: string | Buffer): Promise<void> {
  const folder = await open(path, "r").catch(() => null);
  // Windows cannot, and neither can some network shares.
  await folder?.sync().catch(() => {});
  await folder?.close();
}

/**
 * Makes sure, before hours of work, that {@link writeWhole} will be able to write there.
 *
 * @throws TelltaleError `OUTPUT_UNWRITABLE`
 */
export async function checkWritable(path: string): Promise<void> {
  if (descriptorOf(path) !== null) return;
  try {
    const there = await stat(path).catch(() => null);
    if (there?.isDirectory()) throw Object.assign(new Error("a folder"), { code: "EISDIR" });
    if (there !== null && !there.isFile()) await access(path, constants.W_OK);
    else await access(dirname(await followLinks(path)), constants.W_OK);
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

/**
 * Makes a folder, and those above it, unless it is there.
 *
 * @throws TelltaleError `OUTPUT_UNWRITABLE`
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
    await access(path, constants.W_OK);
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

/** Whether a path is something that cannot be replaced: a pipe, a device, a socket or a descriptor. */
async function isStream(path: string): Promise<boolean> {
  if (descriptorOf(path) !== null) return true;
  const there = await stat(path).catch(() => null);
  return there !== null && !there.isFile() && !there.isDirectory();
}

async function writeThrough<Result>(
  path: string,
  write: (temporary: string) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), "telltale-output-"));
  try {
    const temporary = join(folder, "output");
    const result = await write(temporary);
    const descriptor = descriptorOf(path);
    if (descriptor === 1 || descriptor === 2) {
      const stream = descriptor === 1 ? process.stdout : process.stderr;
      await pipeline(createReadStream(temporary), stream, { end: false });
    } else if (descriptor !== null) {
      const stream = createWriteStream("", { fd: descriptor, autoClose: false });
      await pipeline(createReadStream(temporary), stream);
    } else {
      // Never O_CREAT: Linux refuses it for another user's pipe in /tmp.
      const file = await open(path, constants.O_WRONLY | constants.O_APPEND);
      await pipeline(createReadStream(temporary), file.createWriteStream());
    }
    return result;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function isSystemError(cause: unknown): cause is NodeJS.ErrnoException {
  return cause instanceof Error && !(cause instanceof TelltaleError) && "syscall" in cause;
}

function unwritable(path: string, cause: unknown): TelltaleError {
  const why = (cause as NodeJS.ErrnoException).code ?? String(cause);
  return new TelltaleError(
    "OUTPUT_UNWRITABLE",
    `Expected to write ${path} but could not (${why}); give a path in a folder that exists and that you may write to.`,
    { cause },
  );
}
