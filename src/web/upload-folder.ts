import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isAlive } from "../files/is-alive.ts";
import { randomSecret } from "./secrets.ts";

const PREFIX = "telltale-serve-";
/** What is written to find out whether uploads can be. */
const PROBE = Buffer.alloc(64 << 10);

/** The folder that uploads lie in until they are judged: only this user can read it, and it is gone with the server. */
export class UploadFolder {
  readonly #parent: string;
  #path: string;

  private constructor(parent: string, path: string) {
    this.#parent = parent;
    this.#path = path;
  }

  /** Makes the folder in `parent`, the system's folder for temporary files, once what crashed servers left is gone. */
  static async open(parent = tmpdir()): Promise<UploadFolder> {
    await sweep(parent);
    return new UploadFolder(parent, await makeFolder(parent));
  }

  /**
   * A path for one upload, that nobody can guess and that no name of its sender is part of. A folder that was cleaned
   * away is made again.
   */
  async newPath(): Promise<string> {
    const isThere = await stat(this.#path).then(
      () => true,
      () => false,
    );
    if (!isThere) this.#path = await makeFolder(this.#parent);
    return join(this.#path, randomSecret(16));
  }

  /** Why no upload can be written at the moment, e.g. `ENOSPC`; null where one can. */
  async findProblem(): Promise<string | null> {
    let path: string | null = null;
    try {
      path = await this.newPath();
      await writeFile(path, PROBE, { flag: "wx", mode: 0o600 });
      return null;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code ?? String(error);
    } finally {
      if (path !== null) await this.discard(path);
    }
  }

  /** Deletes an upload; one that cannot be deleted now goes with the folder, and the log says so. */
  async discard(path: string): Promise<void> {
    await rm(path, { force: true }).catch((error: Error) => {
      process.stderr.write(`telltale: an upload could not be deleted yet: ${error.message}\n`);
    });
  }

  async remove(): Promise<void> {
    await rm(this.#path, { recursive: true, force: true });
  }
}

// mkdtemp gives it the mode 0700, and never takes one that somebody else has made.
function makeFolder(parent: string): Promise<string> {
  return mkdtemp(join(parent, `${PREFIX}${process.pid}-`));
}

async function sweep(parent: string): Promise<void> {
  for (const name of await readdir(parent)) {
    const pid = name.startsWith(PREFIX) ? Number.parseInt(name.slice(PREFIX.length), 10) : Number.NaN;
    if (Number.isNaN(pid)) continue;
    const path = join(parent, name);
    // Somebody else's folder cannot be removed, and need not be.
    if (await isLeftOver(path, pid)) await rm(path, { recursive: true, force: true }).catch(() => {});
  }
}

// In a container the new server often has the number of the one that crashed: then the folder is older than itself.
async function isLeftOver(path: string, pid: number): Promise<boolean> {
  if (pid !== process.pid) return !isAlive(pid);
  const { birthtimeMs, ctimeMs } = await stat(path);
  return (birthtimeMs || ctimeMs) < performance.timeOrigin;
}
