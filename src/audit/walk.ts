import type { BigIntStats, Dirent } from "node:fs";
import { opendir, stat } from "node:fs/promises";
import { sep } from "node:path";
import { type FileName, fileName, pathBelow } from "./file-name.ts";

/** A regular file, or a link to one. */
export interface FoundFile {
  readonly name: FileName;
  readonly bytes: number;
  readonly modifiedMs: number;
  readonly isLink: boolean;
}

/** A folder that cannot be read, or a link that leads nowhere. */
export interface FoundTrouble {
  readonly name: FileName;
  /** The system's code, e.g. `EACCES`. */
  readonly trouble: string;
}

export type Found = FoundFile | FoundTrouble;

/** What tells a folder from every other, under whatever path it is reached. */
export function identityOf({ dev, ino }: Pick<BigIntStats, "dev" | "ino">): string {
  return `${dev}:${ino}`;
}

/**
 * The files of a folder and of the folders in it, hidden ones too, as they are read from the disk: memory holds the
 * folders that wait, never the files. What vanishes meanwhile is passed over.
 *
 * Links are followed once all real folders have been walked, and no folder is entered twice: a loop ends, and a file
 * that is reached in two ways has its real path.
 *
 * @param skipped folders not to enter, by {@link identityOf}
 */
export async function* walk(root: string, skipped: ReadonlySet<string> = new Set()): AsyncGenerator<Found> {
  const entered = new Set(skipped);
  const waiting: Buffer[] = [Buffer.alloc(0)];
  const links: Buffer[] = [];
  while (waiting.length > 0 || links.length > 0) {
    if (waiting.length === 0) waiting.push(links.sort(Buffer.compare).shift()!);
    const folder = waiting.pop()!;
    const path = pathBelow(root, fileName(folder));
    try {
      const identity = identityOf(await stat(path, { bigint: true }));
      if (entered.has(identity)) continue;
      entered.add(identity);
      let looks: Promise<Looked>[] = [];
      for await (const entry of await openFolder(path)) {
        const bytes = folder.length === 0 ? entry.name : Buffer.concat([folder, separator, entry.name]);
        if (entry.isDirectory()) waiting.push(bytes);
        else if (entry.isFile() || entry.isSymbolicLink())
          looks.push(look(root, bytes, entry.isSymbolicLink()));
        if (looks.length < LOOKS) continue;
        yield* sort(await Promise.all(looks), links);
        looks = [];
      }
      yield* sort(await Promise.all(looks), links);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      if (!hasVanished(code)) yield { name: fileName(folder), trouble: code };
    }
  }
}

const separator = Buffer.from(sep);

/** What an entry is. */
interface Looked {
  readonly bytes: Buffer;
  /** A file, trouble, the target of a link to a folder, or nothing that is read. */
  readonly found: Found | "folder" | null;
}

/** Entries that are looked at side by side: on a busy machine or a network each look waits its turn. */
const LOOKS = 64;

/** Yields what was found, and keeps the links to folders for later. */
function* sort(looked: readonly Looked[], links: Buffer[]): Generator<Found> {
  for (const { bytes, found } of looked) {
    if (found === "folder") links.push(bytes);
    else if (found !== null) yield found;
  }
}

async function look(root: string, bytes: Buffer, isLink: boolean): Promise<Looked> {
  const name = fileName(bytes);
  try {
    const entry = await stat(pathBelow(root, name));
    if (entry.isDirectory()) return { bytes, found: isLink ? "folder" : null };
    if (!entry.isFile()) return { bytes, found: null };
    return { bytes, found: { name, bytes: entry.size, modifiedMs: entry.mtimeMs, isLink } };
  } catch (error) {
    const { code = "EIO" } = error as NodeJS.ErrnoException;
    return { bytes, found: hasVanished(code) && !isLink ? null : { name, trouble: code } };
  }
}

/** Node's types know names of folders as text only. */
async function openFolder(path: Buffer): Promise<AsyncIterable<Dirent<Buffer>>> {
  const folder = await opendir(path as unknown as string, {
    encoding: "buffer" as BufferEncoding,
    bufferSize: 256,
  });
  return folder as unknown as AsyncIterable<Dirent<Buffer>>;
}

function hasVanished(code: string): boolean {
  return code === "ENOENT" || code === "ENOTDIR";
}
