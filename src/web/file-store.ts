import { chmod, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { makeFolder, writeWhole } from "../files/write-file.ts";
import { entryOf, type StoreBackend, type StoredEntry, type StoredJob } from "./result-store.ts";

const SUFFIX = ".job.json";

/** Results in a folder, one JSON file each, pictures included; other files in it are left alone. */
export class FileStore implements StoreBackend {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @throws TelltaleError `OUTPUT_UNWRITABLE` */
  async open(): Promise<StoredEntry[]> {
    await makeFolder(this.#folder);
    const entries: StoredEntry[] = [];
    for (const name of await readdir(this.#folder)) {
      // What a crash left half-written is beside its place still.
      if (name.startsWith(".") && name.includes(SUFFIX))
        await rm(join(this.#folder, name), { force: true }).catch(() => {});
      else if (name.endsWith(SUFFIX)) entries.push(...(await this.#entry(name.slice(0, -SUFFIX.length))));
    }
    return entries;
  }

  async write(job: StoredJob): Promise<StoredEntry> {
    const text = JSON.stringify(job, (_key, value) =>
      value instanceof Uint8Array ? { base64: Buffer.from(value).toString("base64") } : value,
    );
    const path = this.#pathOf(job.id);
    await writeWhole(path, text);
    await chmod(path, 0o600);
    return entryOf(job, text.length);
  }

  async read(id: string): Promise<StoredJob | null> {
    const text = await readFile(this.#pathOf(id), "utf8").catch(() => null);
    return text === null ? null : parse(text);
  }

  async remove(id: string): Promise<void> {
    await rm(this.#pathOf(id), { force: true });
  }

  async #entry(id: string): Promise<StoredEntry[]> {
    const text = await readFile(this.#pathOf(id), "utf8").catch(() => null);
    // What cannot be read now may be somebody's result nevertheless.
    if (text === null) return [];
    try {
      const job = parse(text);
      if (job.id !== id || typeof job.owner !== "string" || typeof job.expiresMs !== "number")
        throw new Error();
      return [entryOf(job, text.length)];
    } catch {
      await this.remove(id).catch(() => {});
      return [];
    }
  }

  #pathOf(id: string): string {
    return join(this.#folder, `${id}${SUFFIX}`);
  }
}

function parse(text: string): StoredJob {
  return JSON.parse(text, (_key, value) =>
    typeof value?.base64 === "string" ? Buffer.from(value.base64, "base64") : value,
  ) as StoredJob;
}
