import { pictureBytes } from "./pictures.ts";
import type { StoreBackend, StoredEntry, StoredJob } from "./result-store.ts";

/** Results in memory: gone with the server. */
export class MemoryStore implements StoreBackend {
  readonly #jobs = new Map<string, StoredJob>();

  async open(): Promise<StoredEntry[]> {
    return [];
  }

  async write(job: StoredJob): Promise<StoredEntry> {
    this.#jobs.set(job.id, job);
    const { id, owner, expiresMs, report, exhibits } = job;
    return { id, owner, expiresMs, storedBytes: JSON.stringify(report).length + pictureBytes(exhibits) };
  }

  async read(id: string): Promise<StoredJob | null> {
    return this.#jobs.get(id) ?? null;
  }

  async remove(id: string): Promise<void> {
    this.#jobs.delete(id);
  }
}
