import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomSecret } from "./secrets.ts";

const PREFIX = "telltale-serve-";

/** The folder that uploads lie in until they are judged: only this user can read it, and it is gone with the server. */
export class UploadFolder {
  readonly #path: string;

  private constructor(path: string) {
    this.#path = path;
  }

  /** Makes the folder in `parent`, the system's folder for temporary files, once what crashed servers left is gone. */
  static async open(parent = tmpdir()): Promise<UploadFolder> {
    await sweep(parent);
    // mkdtemp gives it the mode 0700.
    return new UploadFolder(await mkdtemp(join(parent, `${PREFIX}${process.pid}-`)));
  }

  /** A path for one upload, that nobody can guess and that no name of its sender is part of. */
  newPath(): string {
    return join(this.#path, randomSecret(16));
  }

  async remove(): Promise<void> {
    await rm(this.#path, { recursive: true, force: true });
  }
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

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
