import type { Exhibits } from "../detection/exhibits.ts";
import type { Report } from "../report/schema.ts";

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
  readonly exhibits: Exhibits | null;
}

/** What of a stored job is always in memory. */
export interface Label {
  readonly id: string;
  readonly owner: string;
  readonly expiresMs: number;
  /** What it takes where it is kept, about. */
  readonly storedBytes: number;
}

/** A place where stored jobs lie. */
export interface Shelf {
  /** What lies there already; broken entries are removed. */
  open(): Promise<Label[]>;
  write(job: StoredJob): Promise<Label>;
  /** Null where it is gone. */
  read(id: string): Promise<StoredJob | null>;
  remove(id: string): Promise<void>;
}

/** Results until their time has come, or until newer ones need their place: the oldest go first. */
export class ResultStore {
  readonly #shelf: Shelf;
  readonly #maxBytes: number;
  readonly #labels = new Map<string, Label>();
  #bytes = 0;

  private constructor(shelf: Shelf, maxBytes: number) {
    this.#shelf = shelf;
    this.#maxBytes = maxBytes;
  }

  static async open(shelf: Shelf, maxBytes: number): Promise<ResultStore> {
    const store = new ResultStore(shelf, maxBytes);
    const labels = await shelf.open();
    for (const label of labels.sort((a, b) => a.expiresMs - b.expiresMs)) store.#add(label);
    await store.sweep();
    return store;
  }

  /** What all results take, about. */
  get bytes(): number {
    return this.#bytes;
  }

  get size(): number {
    return this.#labels.size;
  }

  /** @throws TelltaleError `OUTPUT_UNWRITABLE` */
  async put(job: StoredJob): Promise<void> {
    this.#add(await this.#shelf.write(job));
    await this.sweep();
  }

  /** The job, for its owner only; null for everybody else and after its time. */
  async get(id: string, owner: string): Promise<StoredJob | null> {
    const label = this.#labels.get(id);
    if (!label || label.owner !== owner || label.expiresMs <= Date.now()) return null;
    return this.#shelf.read(id);
  }

  /** Whether there was such a job of this owner. @throws the file system's error where it cannot be deleted */
  async delete(id: string, owner: string): Promise<boolean> {
    if (this.#labels.get(id)?.owner !== owner) return false;
    await this.#remove(id);
    return true;
  }

  /** Wipes what has had its time, and the oldest of what is too much; what cannot be wiped now is tried again next time. */
  async sweep(): Promise<void> {
    // A Map keeps the order in which it was filled: the oldest come first.
    for (const { id, expiresMs } of [...this.#labels.values()]) {
      if (expiresMs > Date.now() && this.#bytes <= this.#maxBytes) continue;
      await this.#remove(id).catch((error: Error) => {
        process.stderr.write(`telltale: a result could not be wiped yet: ${error.message}\n`);
      });
    }
  }

  #add(label: Label): void {
    this.#labels.set(label.id, label);
    this.#bytes += label.storedBytes;
  }

  async #remove(id: string): Promise<void> {
    const label = this.#labels.get(id);
    if (!label) return;
    // First the file: what cannot be removed is still known, and tried again.
    await this.#shelf.remove(id);
    if (this.#labels.delete(id)) this.#bytes -= label.storedBytes;
  }
}
