import { link, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { TelltaleError } from "../errors.ts";

/** Times that a lock is tried that vanishes whenever it is read. */
const MAX_TRIES = 100;

/** Who holds a folder. */
interface Holder {
  readonly pid: number;
  readonly host: string;
  /** Tells a process from a later one with the same id; null where the system does not say. */
  readonly started: string | null;
}

/**
 * Takes a folder for this process alone.
 *
 * A holder that was killed leaves its file behind; whoever comes next sees that it is gone and takes over. Of two that
 * come at once, one gets the folder.
 *
 * @returns what gives the folder back
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
    await takeAway(path, found);
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
  // Linked into its place whole, so that nobody ever reads half of it.
  const beside = `${path}.${process.pid}`;
  await rm(beside, { force: true });
  const file = await open(beside, "wx");
  try {
    await file.writeFile(text);
  } finally {
    await file.close();
  }
  try {
    await link(beside, path);
    return true;
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return false;
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP"].includes(code)) throw error;
    // A file system without hard links.
    return await createPlainly(path, text);
  } finally {
    await rm(beside, { force: true });
  }
}

async function createPlainly(path: string, text: string): Promise<boolean> {
  try {
    await writeFile(path, text, { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Removes the file of a holder that is gone; if somebody else was faster, theirs is put back. */
async function takeAway(path: string, stale: string): Promise<void> {
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
  // Nothing can be known of a process on another machine.
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  return started === null || started === (await startOf(pid));
}

/** When a process started, and after which boot, as Linux says (proc(5), field 22 of stat); null elsewhere. */
async function startOf(pid: number): Promise<string | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8");
    const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8");
    // The program's name, in parentheses, may hold spaces.
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
  const sentence = `Expected ${folder} for this audit alone, but ${who} is writing there; wait for it, name another folder, or delete ${path} if it is gone.`;
  return new TelltaleError("AUDIT_LOCKED", sentence, { cause });
}
