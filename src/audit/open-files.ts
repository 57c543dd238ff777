import { readdir, readFile, stat } from "node:fs/promises";

/**
 * Whether a process has a file open for writing, as far as this user can see (Linux, proc(5)); false elsewhere.
 * Tells a stalled download from a finished one.
 */
export async function isOpenForWriting(path: Buffer | string): Promise<boolean> {
  const file = await stat(path);
  const processes = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  for (const pid of processes) {
    const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
    for (const descriptor of descriptors) {
      const open = await stat(`/proc/${pid}/fd/${descriptor}`).catch(() => null);
      if (open === null || open.ino !== file.ino || open.dev !== file.dev) continue;
      const info = await readFile(`/proc/${pid}/fdinfo/${descriptor}`, "utf8").catch(() => "");
      const flags = Number.parseInt(/^flags:\s*(\d+)/m.exec(info)?.[1] ?? "0", 8);
      // O_RDONLY is 0, O_WRONLY 1, O_RDWR 2.
      if ((flags & 3) !== 0) return true;
    }
  }
  return false;
}
