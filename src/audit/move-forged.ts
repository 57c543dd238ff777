import { constants } from "node:fs";
import { copyFile, link, lstat, mkdir, open, rename, unlink } from "node:fs/promises";
import { extname, join, sep } from "node:path";
import { type FileName, pathBelow } from "./file-name.ts";

/** What tells two files of one name apart, tried in turn. */
const MAX_TRIES = 1000;

/** A file that is to be moved. */
export interface Move {
  readonly root: string;
  readonly name: FileName;
  /** Folder that it goes to, in the same subfolders. */
  readonly target: string;
  /** Writes down where the file is about to be; called before it is moved. */
  readonly announce: (movedTo: string) => Promise<void>;
}

/**
 * Moves a file, never over another one: where its name is taken it gets a number.
 *
 * It is announced first and moved then: a cut between the two leaves the file where it was, and the next run moves it.
 *
 * @returns whether it was moved; a link is not, since that would move no content
 * @throws the system's error when the folder cannot be written to
 */
export async function moveForged({ root, name, target, announce }: Move): Promise<boolean> {
  const from = pathBelow(root, name);
  if ((await lstat(from)).isSymbolicLink()) return false;
  for (let i = 1; i <= MAX_TRIES; i++) {
    const to = i === 1 ? pathBelow(target, name) : Buffer.from(numbered(join(target, name.text), i));
    await mkdir(folderOf(to), { recursive: true });
    if (await lstat(to).catch(() => null)) continue;
    await announce(to.toString("utf8"));
    if (await moveTo(from, to)) return true;
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

/** @returns false when something has come to stand there */
async function moveTo(from: Buffer, to: Buffer): Promise<boolean> {
  try {
    // Unlike a rename, a link fails where there is something.
    await link(from, to);
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return false;
    if (!["EXDEV", "EPERM", "ENOTSUP", "EMLINK"].includes(code)) throw error;
    if (!(await copyTo(from, to))) return false;
  }
  await unlink(from);
  return true;
}

/** For another disk: a whole copy beside its place, then into it. */
async function copyTo(from: Buffer, to: Buffer): Promise<boolean> {
  const beside = Buffer.concat([to, Buffer.from(".partial")]);
  await copyFile(from, beside, constants.COPYFILE_FICLONE);
  try {
    const place = await open(to, "wx");
    await place.close();
    await rename(beside, to);
    return true;
  } catch (error) {
    await unlink(beside);
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}
