import type { Report } from "../report/schema.ts";
import type { ReportPictures } from "../types/pictures.ts";
import type { JobSummary } from "./job-schema.ts";
import { summarizeStored } from "./job-view.ts";

/** A job that has ended, as it is kept. */
export interface StoredJob {
  readonly id: string;
  /** Hash of its owner's secret. */
  readonly owner: string;
  readonly name: string;
  readonly bytes: number;
  readonly createdMs: number;
  readonly expiresMs: number;
  readonly report: Report;
  readonly pictures: ReportPictures | null;
}

/** The part of a stored job that is always in memory. */
export interface StoredEntry {
  readonly id: string;
  readonly owner: string;
  readonly expiresMs: number;
  /** What it takes where it is kept, about. */
  readonly storedBytes: number;
  /** What a list says of it. */
  readonly summary: JobSummary;
}

/** The entry of a job. */
export function entryOf(job: StoredJob, storedBytes: number): StoredEntry {
  const { id, owner, expiresMs } = job;
  return { id, owner, expiresMs, storedBytes, summary: summarizeStored(job) };
}

/** Keeps stored jobs, in memory or in files. */
export interface StoreBackend {
  /** Entries of an earlier run; broken ones are removed. */
  open(): Promise<StoredEntry[]>;
  write(job: StoredJob): Promise<StoredEntry>;
  /** Null where it is gone. */
  read(id: string): Promise<StoredJob | null>;
  remove(id: string): Promise<void>;
}

/** Results until their time has come, or until newer ones need their place: the oldest go first. */
export class ResultStore {
  readonly #backend: StoreBackend;
  readonly #maxBytes: number;
  readonly #entries = new Map<string, StoredEntry>();
  #bytes = 0;

  private constructor(backend: StoreBackend, maxBytes: number) {
    this.#backend = backend;
    this.#maxBytes = maxBytes;
  }

  static async open(backend: StoreBackend, maxBytes: number): Promise<ResultStore> {
    const store = new ResultStore(backend, maxBytes);
    const entries = await backend.open();
    for (const entry of entries.sort((a, b) => a.expiresMs - b.expiresMs)) store.#add(entry);
    await store.sweep();
    return store;
  }

  /** What all results take, about. */
  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** @throws TelltaleError `OUTPUT_UNWRITABLE` */
  async put(job: StoredJob): Promise<void> {
    this.#add(await this.#backend.write(job));
    await this.sweep();
  }

  /** The job, for its owner only; null for everybody else and after its time. */
  async get(id: string, owner: string): Promise<StoredJob | null> {
    const entry = this.#entries.get(id);
    if (!entry || entry.owner !== owner || entry.expiresMs <= Date.now()) return null;
    return this.#backend.read(id);
  }

  /** What lists say of an owner's jobs, in the order in which they ended. */
  list(owner: string): JobSummary[] {
    return [...this.#entries.values()]
      .filter((entry) => entry.owner === owner && entry.expiresMs > Date.now())
      .map(({ summary }) => summary);
  }

  /** Whether there was such a job of this owner. @throws the file system's error where it cannot be deleted */
  async delete(id: string, owner: string): Promise<boolean> {
    if (this.#entries.get(id)?.owner !== owner) return false;
    await this.#remove(id);
    return true;
  }

  /** Wipes what has had its time, and the oldest of what is too much; what cannot be wiped now is tried again next time. */
  async sweep(): Promise<void> {
    // A Map keeps the order in which it was filled: the oldest come first.
    for (const { id, expiresMs } of [...this.#entries.values()]) {
      if (expiresMs > Date.now() && this.#bytes <= this.#maxBytes) continue;
      await this.#remove(id).catch((error: Error) => {
        process.stderr.write(`telltale: a result could not be wiped yet: ${error.message}\n`);
      });
    }
  }

  #add(entry: StoredEntry): void {
    this.#entries.set(entry.id, entry);
    this.#bytes += entry.storedBytes;
  }

  async #remove(id: string): Promise<void> {
    const entry = this.#entries.get(id);
    if (!entry) return;
    // First the file: what cannot be removed is still known, and tried again.
    await this.#backend.remove(id);
    if (this.#entries.delete(id)) this.#bytes -= entry.storedBytes;
  }
}
