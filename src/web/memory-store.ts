import { pictureBytes } from "./pictures.ts";
import { entryOf, type StoreBackend, type StoredEntry, type StoredJob } from "./result-store.ts";

/** Results in memory: gone with the server. */
export class MemoryStore implements StoreBackend {
  readonly #jobs = new Map<string, StoredJob>();

  async open(): Promise<StoredEntry[]> {
    return [];
  }

  async write(job: StoredJob): Promise<StoredEntry> {
    this.#jobs.set(job.id, job);
    return entryOf(job, JSON.stringify(job.report).length + pictureBytes(job.pictures));
  }

  async read(id: string): Promise<StoredJob | null> {
    return this.#jobs.get(id) ?? null;
  }

  async remove(id: string): Promise<void> {
    this.#jobs.delete(id);
  }
}
