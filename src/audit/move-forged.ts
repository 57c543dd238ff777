import { createHash, randomBytes } from "node:crypto";
import { constants, createReadStream, type Stats } from "node:fs";
import { copyFile, link, lstat, mkdir, open, rename, unlink, utimes } from "node:fs/promises";
import { extname, join, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import { flush, flushFolder } from "../files/write-file.ts";
import { type FileName, pathBelow } from "./file-name.ts";
import { isOpenForWriting } from "./open-files.ts";

/** What tells two files of one name apart, tried in turn. */
const MAX_TRIES = 1000;

/** A file that is to be moved. */
export interface Move {
  readonly root: string;
  readonly name: FileName;
  /** SHA-256 of the content that was judged. */
  readonly sha256: string;
  /** Folder that it goes to, in the same subfolders. */
  readonly target: string;
  /** Writes down where the file is about to be; called before it is moved. */
  readonly announce: (movedTo: string) => Promise<void>;
}

/** The file is being written, or no longer holds what was judged. */
export class StillArriving extends Error {
  readonly code = "it is still being written";
}

/**
 * Moves a file, never over another one: where its name is taken it gets a number.
 *
 * Only a file that nobody writes and that holds what was judged is moved. It is announced first and moved then: a cut
 * between the two leaves the file where it was, and the next run moves it. The original goes once the copy is on the disk.
 *
 * @returns whether it was moved; a link is not, since that would move no content
 * @throws StillArriving; the system's error when the folder cannot be written to
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

/** @throws StillArriving unless a file is the one that was seen before, holds what was judged, and is not being written */
async function checkComplete(path: Buffer, before: Stats, sha256: string): Promise<void> {
  if ((await sha256Of(path)) !== sha256 || (await isOpenForWriting(path))) throw new StillArriving();
  const now = await lstat(path);
  const isSame = now.ino === before.ino && now.size === before.size && now.mtimeMs === before.mtimeMs;
  if (!isSame) throw new StillArriving();
}

async function sha256Of(path: Buffer): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

/**
 * @param check called when the file is at its new place too, before the original is removed
 * @returns false when something has come to stand there
 */
async function moveTo(from: Buffer, to: Buffer, check: () => Promise<void>): Promise<boolean> {
  try {
    // Unlike a rename, a link fails where there is something.
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

/** For another disk: a whole copy with the same dates, first under a name of its own, then in its place. */
async function copyTo(from: Buffer, to: Buffer): Promise<boolean> {
  const partial = Buffer.concat([to, Buffer.from(`.${randomBytes(4).toString("hex")}.partial`)]);
  try {
    await copyFile(from, partial, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
    if ((await sha256Of(partial)) !== (await sha256Of(from))) throw new StillArriving();
    const { atime, mtime } = await lstat(from);
    await utimes(partial, atime, mtime);
    await flush(partial);
    await place(partial, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    await unlink(partial).catch(() => {});
  }
}

/** @throws the system's error `EEXIST` when something has come to stand there */
async function place(partial: Buffer, to: Buffer): Promise<void> {
  try {
    await link(partial, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") throw error;
    // A file system without hard links.
    await (await open(to, "wx")).close();
    await rename(partial, to);
  }
}
