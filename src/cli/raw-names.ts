import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve, sep } from "node:path";
import { utf8Path } from "../files/utf8-path.ts";

/** What Node puts in the place of bytes that are not UTF-8. */
const REPLACEMENT = "\ufffd";

/**
 * Opens files whose names are not UTF-8, as names from older systems are. Node hands such a name over as text with U+FFFD
 * in it, which names no file; a link with a plain name stands for the file then.
 */
export class RawNames {
  #folder: string | null = null;
  /** How often a text was asked for: names that differ in such bytes alone read alike. */
  readonly #asked = new Map<string, number>();

  /** @returns the path itself, or a link to the file that it means */
  async open(path: string): Promise<string> {
    if (!path.includes(REPLACEMENT) || existsSync(path)) return path;
    const turn = this.#asked.get(path) ?? 0;
    this.#asked.set(path, turn + 1);
    const raw = (await filesReadAs(path))[turn];
    if (raw === undefined) return path;
    this.#folder ??= await mkdtemp(join(tmpdir(), "telltale-names-"));
    return utf8Path(raw, this.#folder);
  }

  /** Removes the links. */
  async close(): Promise<void> {
    if (this.#folder !== null) await rm(this.#folder, { recursive: true, force: true });
  }
}

/** All files whose path reads as the text, in the order of their bytes, as a shell lists them. */
async function filesReadAs(path: string): Promise<Buffer[]> {
  const parts = resolve(path)
    .split(sep)
    .filter((part) => part !== "");
  let found: Buffer[] = [Buffer.from(sep)];
  for (const [i, part] of parts.entries()) {
    const slash = Buffer.from(i === 0 ? "" : sep);
    if (!part.includes(REPLACEMENT)) {
      found = found.map((folder) => Buffer.concat([folder, slash, Buffer.from(part)]));
      continue;
    }
    const next: Buffer[] = [];
    for (const folder of found) {
      const names = await readdir(folder, { encoding: "buffer" }).catch((): Buffer[] => []);
      const meant = names.filter((name) => name.toString("utf8") === part).sort(Buffer.compare);
      next.push(...meant.map((name) => Buffer.concat([folder, slash, name])));
    }
    found = next;
  }
  return found;
}
