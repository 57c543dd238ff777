import { readdir } from "node:fs/promises";
import { join } from "node:path";

/**
 * `runs/` -> `runs/00003-style-64`, one above the highest number there; a path without a slash at its end stays.
 *
 * @param isResumed the highest-numbered folder of that description instead, which is there already
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
