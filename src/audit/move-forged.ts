import { createHash, randomBytes } from "node:crypto";
import { constants, createReadStream, type Stats } from "node:fs";
import { copyFile, link, lstat, mkdir, open, rename, unlink, utimes } from "node:fs/promises";
import { extname, join, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import { flush, flushFolder } from "../files/write-file.ts";
import { type FileName, pathBelow } from "./file-name.ts";
import { isOpenForWriting } from "./open-files.ts";

/** Maximum number that is added to a name which is taken. */
const MAX_TRIES = 1000;

/** A file to move. */
export interface Move {
  readonly root: string;
  readonly name: FileName;
  /** SHA-256 of the analyzed content. */
  readonly sha256: string;
  /** Target folder; subfolders are kept. */
  readonly target: string;
  /** Records the new path; called before the move. */
  readonly announce: (movedTo: string) => Promise<void>;
}

/** The file is being written or no longer has the analyzed content. */
export class FileChangingError extends Error {
  readonly code = "it is still being written";
}

/**
 * Moves a file. Adds a number to its name instead of overwriting another file.
 *
 * Moves only a file that no process writes and that has the analyzed content. The move is recorded first: after a crash
 * in between, the next run moves the file. The original is removed when the copy is on the disk.
 *
 * @returns whether the file was moved; symbolic links are not
 * @throws FileChangingError; the system's error if the folder is not writable
 */
export async function moveForged({ root, name, sha256, target, announce }: Move): Promise<boolean> {
  const from = pathBelow(root, name);
  const before = await lstat(from);
  if (before.isSymbolicLink()) return false;
  await checkComplete(from, before, sha256);
  for (let i = 1; i <= MAX_TRIES; i++) {
    const to = i === 1 ? pathBelow(target, name) : Buffer.from(numbered(join(target, name.text), i));
    await mkdir(folderOf(to), { recursive: true });
    if (await lstat(to).catch(() => null)) continue;
    await announce(to.toString("utf8"));
    if (await moveTo(from, to, () => checkComplete(from, before, sha256))) return true;
  }
  throw new Error(`no free name for ${name.text} in ${target}`);
}

/** `a/b.mp4` -> `a/b (2).mp4`. */
function numbered(path: string, i: number): string {
  const ending = extname(path);
  return `${path.slice(0, path.length - ending.length)} (${i})${ending}`;
}

function folderOf(path: Buffer): Buffer {
  return path.subarray(0, path.lastIndexOf(sep));
}

/** @throws FileChangingError unless a file is unchanged, has the analyzed content and is not being written */
async function checkComplete(path: Buffer, before: Stats, sha256: string): Promise<void> {
  if ((await sha256Of(path)) !== sha256 || (await isOpenForWriting(path))) throw new FileChangingError();
  const now = await lstat(path);
  const isSame = now.ino === before.ino && now.size === before.size && now.mtimeMs === before.mtimeMs;
  if (!isSame) throw new FileChangingError();
}

async function sha256Of(path: Buffer): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

/**
 * @param check called when the file exists at both paths, before the original is removed
 * @returns false if `to` exists
 */
async function moveTo(from: Buffer, to: Buffer, check: () => Promise<void>): Promise<boolean> {
  try {
    // Unlike a rename, a link fails if the target exists.
    await link(from, to);
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return false;
    if (!["EXDEV", "EPERM", "ENOTSUP", "EMLINK"].includes(code)) throw error;
    if (!(await copyTo(from, to))) return false;
  }
  try {
    await flushFolder(folderOf(to));
    await check();
  } catch (error) {
    await unlink(to);
    throw error;
  }
  await unlink(from);
  await flushFolder(folderOf(from));
  return true;
}

/** Copies a file to another disk with its dates, first under a temporary name. @returns false if `to` exists */
async function copyTo(from: Buffer, to: Buffer): Promise<boolean> {
  const partial = Buffer.concat([to, Buffer.from(`.${randomBytes(4).toString("hex")}.partial`)]);
  try {
    await copyFile(from, partial, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
    if ((await sha256Of(partial)) !== (await sha256Of(from))) throw new FileChangingError();
    const { atime, mtime } = await lstat(from);
    await utimes(partial, atime, mtime);
    await flush(partial);
    await renameWithoutReplace(partial, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    await unlink(partial).catch(() => {});
  }
}

/** @throws the system's error `EEXIST` if the target exists */
async function renameWithoutReplace(partial: Buffer, to: Buffer): Promise<void> {
  try {
    await link(partial, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") throw error;
    // The file system has no hard links.
    await (await open(to, "wx")).close();
    await rename(partial, to);
  }
}
