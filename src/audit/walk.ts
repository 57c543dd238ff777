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

/** A folder that cannot be read or a broken link. */
export interface WalkError {
  readonly name: FileName;
  /** Error code of the system, e.g. `EACCES`. */
  readonly errorCode: string;
}

export type WalkItem = FoundFile | WalkError;

/** Identity of a file or folder, the same under every path. */
export function identityOf({ dev, ino }: Pick<BigIntStats, "dev" | "ino">): string {
  return `${dev}:${ino}`;
}

/**
 * Yields the files of a folder and its subfolders, including hidden ones, in the order of the disk. Memory holds the
 * pending folders only. Files and folders that vanish during the walk are skipped.
 *
 * Links to folders are followed after all real folders, and no folder is entered twice: loops end, and a file that is
 * reachable by two paths gets its real path.
 *
 * @param skipped folders not to enter, by {@link identityOf}
 */
export async function* walk(
  root: string,
  skipped: ReadonlySet<string> = new Set(),
): AsyncGenerator<WalkItem> {
  const entered = new Set(skipped);
  const pending: Buffer[] = [Buffer.alloc(0)];
  const links: Buffer[] = [];
  while (pending.length > 0 || links.length > 0) {
    if (pending.length === 0) pending.push(links.sort(Buffer.compare).shift()!);
    const folder = pending.pop()!;
    const path = pathBelow(root, fileName(folder));
    try {
      const identity = identityOf(await stat(path, { bigint: true }));
      if (entered.has(identity)) continue;
      entered.add(identity);
      let batch: Promise<StatResult>[] = [];
      for await (const entry of await openFolder(path)) {
        const bytes = folder.length === 0 ? entry.name : Buffer.concat([folder, separator, entry.name]);
        if (entry.isDirectory()) pending.push(bytes);
        else if (entry.isFile() || entry.isSymbolicLink())
          batch.push(statEntry(root, bytes, entry.isSymbolicLink()));
        if (batch.length < STAT_BATCH) continue;
        yield* itemsOf(await Promise.all(batch), links);
        batch = [];
      }
      yield* itemsOf(await Promise.all(batch), links);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      if (!hasVanished(code)) yield { name: fileName(folder), errorCode: code };
    }
  }
}

const separator = Buffer.from(sep);

interface StatResult {
  readonly bytes: Buffer;
  /** `folder`: a link to a folder. Null: skipped, e.g. a socket. */
  readonly item: WalkItem | "folder" | null;
}

/** Concurrent calls of stat, which are slow on busy machines and network drives. */
const STAT_BATCH = 64;

/** Yields files and errors; adds links to folders to `links`. */
function* itemsOf(results: readonly StatResult[], links: Buffer[]): Generator<WalkItem> {
  for (const { bytes, item } of results) {
    if (item === "folder") links.push(bytes);
    else if (item !== null) yield item;
  }
}

async function statEntry(root: string, bytes: Buffer, isLink: boolean): Promise<StatResult> {
  const name = fileName(bytes);
  try {
    const entry = await stat(pathBelow(root, name));
    if (entry.isDirectory()) return { bytes, item: isLink ? "folder" : null };
    if (!entry.isFile()) return { bytes, item: null };
    return { bytes, item: { name, bytes: entry.size, modifiedMs: entry.mtimeMs, isLink } };
  } catch (error) {
    const { code = "EIO" } = error as NodeJS.ErrnoException;
    return { bytes, item: hasVanished(code) && !isLink ? null : { name, errorCode: code } };
  }
}

/** Reads names as bytes, which Node's types do not allow. */
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
