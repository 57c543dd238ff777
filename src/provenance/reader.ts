import type { Worker } from "node:worker_threads";
import { startThread } from "../files/start-thread.ts";
import { isBarePicture } from "./bare-pictures.ts";
import { clean, type Statements } from "./provenance.ts";

/** Handed to the thread at its start. */
export interface ThreadData {
  readonly trustAnchors: string | null;
}

export interface ThreadJob {
  readonly path: string;
}

export type ThreadAnswer =
  | { readonly kind: "ready" }
  | { readonly kind: "statements"; readonly statements: Statements }
  | { readonly kind: "done" }
  | { readonly kind: "failed"; readonly why: string };

/** A photo takes 0.3 s; what takes longer than this is made to. */
const DEADLINE_MS = 5000;
/** A file of the largest size is hashed in 2 s. */
const DEADLINE_MS_PER_MIB = 100;
/** Compiling and loading on a busy machine. */
const START_MS = 30_000;
/** A thread without work gives its memory back. */
const IDLE_MS = 60_000;
/** MiB of JavaScript objects; buffers and WebAssembly are bounded by what is read. */
const MAX_HEAP_MIB = 512;

/** Reads what files say of themselves, one at a time, in a thread of its own that starts with the first. */
export class ProvenanceReader {
  readonly #data: ThreadData;
  readonly #deadlineMs: number;
  #worker: Worker | null = null;
  #last: Promise<unknown> = Promise.resolve();
  #idle: NodeJS.Timeout | undefined;

  /**
   * @param trustAnchors certificates in PEM of the signers that are trusted; null checks no signer
   * @param deadlineMs after this long, and more for a large file, reading is ended
   */
  constructor(trustAnchors: string | null, deadlineMs: number = DEADLINE_MS) {
    this.#data = { trustAnchors };
    this.#deadlineMs = deadlineMs;
  }

  /**
   * What the file itself says. Never rejects for a file: what could not be read is in `notRead`.
   *
   * @param bytes size of the file, which its time depends on
   * @throws the signal's reason
   */
  async read(path: string, bytes: number, signal?: AbortSignal): Promise<Statements[]> {
    if (await isBarePicture(path, bytes)) return [];
    const turn = this.#last.then(() => this.#read(path, bytes, signal));
    this.#last = turn.catch(() => {});
    return turn;
  }

  async #read(path: string, bytes: number, signal: AbortSignal | undefined): Promise<Statements[]> {
    signal?.throwIfAborted();
    clearTimeout(this.#idle);
    const found: Statements[] = [];
    const isNew = this.#worker === null;
    const worker = this.#worker ?? openThread(this.#data);
    this.#worker = worker;
    worker.ref();
    const deadlineMs = this.#deadlineMs + Math.min(64, bytes / 2 ** 20) * DEADLINE_MS_PER_MIB;
    try {
      await new Promise<void>((resolve, reject) => {
        const late = () => reject(new Error(`it takes longer than ${Math.round(deadlineMs / 1000)} s`));
        let clock = setTimeout(late, isNew ? START_MS : deadlineMs);
        const abort = () => reject(signal!.reason);
        const end = (settle: () => void) => {
          clearTimeout(clock);
          signal?.removeEventListener("abort", abort);
          settle();
        };
        signal?.addEventListener("abort", abort, { once: true });
        worker.removeAllListeners();
        worker.on("message", (answer: ThreadAnswer) => {
          if (answer.kind === "ready") {
            clearTimeout(clock);
            clock = setTimeout(late, deadlineMs);
          } else if (answer.kind === "statements") found.push(answer.statements);
          else if (answer.kind === "done") end(resolve);
          else end(() => reject(new Error(answer.why)));
        });
        worker.on("error", (error) => end(() => reject(error)));
        worker.on("exit", () => end(() => reject(new Error("its thread ended"))));
        worker.postMessage({ path } satisfies ThreadJob);
      });
      worker.unref();
      this.#idle = setTimeout(() => void this.close(), IDLE_MS).unref();
      return found;
    } catch (error) {
      await this.#stop(worker);
      signal?.throwIfAborted();
      const why = clean(error instanceof Error ? error.message : String(error));
      return [
        ...found,
        {
          credentials: null,
          statements: [],
          notRead: [`What the file says of itself was not read to its end: ${why}.`],
        },
      ];
    }
  }

  /** Whether the thread runs. */
  get isRunning(): boolean {
    return this.#worker !== null;
  }

  /** Ends the thread; the next file starts another. */
  async close(): Promise<void> {
    clearTimeout(this.#idle);
    if (this.#worker !== null) await this.#stop(this.#worker);
  }

  async #stop(worker: Worker): Promise<void> {
    this.#worker = null;
    worker.removeAllListeners();
    worker.on("error", () => {});
    await worker.terminate();
  }
}

function openThread(workerData: ThreadData): Worker {
  const module = new URL(`./thread.${import.meta.url.endsWith(".ts") ? "ts" : "js"}`, import.meta.url);
  return startThread(module, { workerData, resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MIB } });
}
