import { readdir } from "node:fs/promises";
import { join } from "node:path";

/**
 * The next numbered folder, e.g. `runs/00003-style-64` in `runs/`. A path without a trailing slash is returned unchanged.
 *
 * @param isResumed returns the existing folder with that description and the highest number instead
 */
export async function numberedFolder(out: string, description: string, isResumed = false): Promise<string> {
  if (!/[\\/]$/.test(out)) return out;
  const names = await readdir(out).catch(() => [] as string[]);
  if (isResumed) {
    const runs = names.filter((name) => /^\d{5}-/.test(name) && name.slice(6) === description).sort();
    return join(out, runs.at(-1) ?? `00000-${description}`);
  }
  const numbers = names.map((name) => Number(/^(\d{5})-/.exec(name)?.[1] ?? -1));
  const next = Math.max(-1, ...numbers) + 1;
  return join(out, `${String(next).padStart(5, "0")}-${description}`);
}
