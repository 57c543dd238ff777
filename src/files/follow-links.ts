import { readlink, realpath } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";

/** As many links as Linux follows before it takes them for a loop. */
const MAX_LINKS = 40;

/**
 * Where a path leads, even if there is nothing yet: links are followed, also one whose target does not exist.
 *
 * @throws the system's error: `ENOENT` where a folder is missing, `ELOOP`
 */
export async function followLinks(path: string): Promise<string> {
  let place = resolve(path);
  for (let i = 0; i < MAX_LINKS; i++) {
    place = join(await realpath(dirname(place)), basename(place));
    const target = await readlink(place).catch(() => null);
    if (target === null) return place;
    place = resolve(dirname(place), target);
  }
  throw Object.assign(new Error(`Too many links: ${path}`), { code: "ELOOP", syscall: "readlink" });
}

/** The number of a descriptor of this process that a path names, e.g. `/dev/fd/63` or `/dev/stdout`; else null. */
export function descriptorOf(path: string): number | null {
  const place = resolve(path);
  const named = ["/dev/stdin", "/dev/stdout", "/dev/stderr"].indexOf(place);
  if (named >= 0) return named;
  const found = /^\/(?:dev|proc\/self|proc\/(\d+))\/fd\/(\d+)$/.exec(place);
  if (found === null || (found[1] !== undefined && Number(found[1]) !== process.pid)) return null;
  return Number(found[2]);
}
