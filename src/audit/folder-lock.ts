import { link, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { TelltaleError } from "../errors.ts";

/** Attempts if the lock file vanishes before it is read. */
const MAX_TRIES = 100;

/** Content of the lock file. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Start time of the process, against reused process ids; null if unknown. */
  readonly started: string | null;
}

/**
 * Locks a folder for this process with the file `audit.lock`. A lock of a process that no longer runs is replaced.
 *
 * @returns a function that releases the lock
 * @throws TelltaleError `AUDIT_LOCKED`, `OUTPUT_UNWRITABLE`
 */
export async function lockFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, "audit.lock");
  const mine: Holder = { pid: process.pid, host: hostname(), started: await startOf(process.pid) };
  const text = JSON.stringify(mine);
  for (let i = 0; !(await create(path, text)); i++) {
    if (i === MAX_TRIES) throw locked(folder, path, null);
    const found = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return null;
      throw locked(folder, path, null, error);
    });
    if (found === null) continue;
    const holder = parse(found);
    if (holder === null || (await isAlive(holder))) throw locked(folder, path, holder);
    await removeStale(path, found);
  }
  return async () => {
    if ((await readFile(path, "utf8").catch(() => null)) === text) await rm(path, { force: true });
  };
}

async function create(path: string, text: string): Promise<boolean> {
  try {
    return await linkInto(path, text);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const sentence = `Expected to write ${path} but could not (${code}); give a folder that you may write to.`;
    throw new TelltaleError("OUTPUT_UNWRITABLE", sentence, { cause });
  }
}

async function linkInto(path: string, text: string): Promise<boolean> {
  // A link is atomic: no process reads an incomplete file.
  const temporary = `${path}.${process.pid}`;
  await rm(temporary, { force: true });
  const file = await open(temporary, "wx");
  try {
    await file.writeFile(text);
  } finally {
    await file.close();
  }
  try {
    await link(temporary, path);
    return true;
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return false;
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP"].includes(code)) throw error;
    // The file system has no hard links.
    return await createExclusively(path, text);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function createExclusively(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, text, { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Removes a stale lock. A lock that another process has created in the meantime is restored. */
async function removeStale(path: string, stale: string): Promise<void> {
  const aside = `${path}.stale.${process.pid}`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  if ((await readFile(aside, "utf8")) !== stale) await link(aside, path).catch(() => {});
  await rm(aside, { force: true });
}

async function isAlive({ pid, host, started }: Holder): Promise<boolean> {
  // Processes on other machines cannot be checked.
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  return started === null || started === (await startOf(pid));
}

/** Boot id and start time of a process on Linux (proc(5), field 22 of stat); null elsewhere. */
async function startOf(pid: number): Promise<string | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8");
    // The program name in parentheses may contain spaces.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return `${boot.trim()} ${fields[19]}`;
  } catch {
    return null;
  }
}

function parse(text: string): Holder | null {
  try {
    const { pid, host, started } = JSON.parse(text) as Partial<Holder>;
    return typeof pid === "number" && typeof host === "string"
      ? { pid, host, started: started ?? null }
      : null;
  } catch {
    return null;
  }
}

function locked(folder: string, path: string, holder: Holder | null, cause?: unknown): TelltaleError {
  const who = holder ? `process ${holder.pid} on ${holder.host}` : "another process";
  const sentence = `Expected ${folder} for this audit alone, but ${who} is using it; wait, set another folder with --out, or delete ${path} if that process no longer runs.`;
  return new TelltaleError("AUDIT_LOCKED", sentence, { cause });
}
