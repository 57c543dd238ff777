import { type ChildProcess, fork } from "node:child_process";
import { availableParallelism, setPriority } from "node:os";
import { fileURLToPath } from "node:url";
import { defaultParallelism } from "../detection/parallelism.ts";
import { TelltaleError } from "../errors.ts";
import { defaultModelDir } from "../networks/read-manifest.ts";
import type { AnalysisProcessOptions, ProcessMessage } from "./analysis-process.ts";
import {
  type AnalysisCall,
  type AnalysisOutput,
  type AnalysisTask,
  type Analyzer,
  withoutReport,
} from "./analyzer.ts";
import { failedResult } from "./file-result.ts";

export interface ProcessPoolOptions {
  /** Maximum number of processes; default: one per core, as far as free memory allows. */
  readonly jobs?: number | undefined;
  /** 0 to 19, see nice(1). */
  readonly nice: number;
  /** A file fails after this long without progress. */
  readonly timeoutSec: number;
  readonly model?: string | undefined;
  readonly backend: AnalysisProcessOptions["backend"];
  /** Folder for temporary links and copies. */
  readonly scratch: string;
}

/** Approximate peak memory of one process. */
const PROCESS_BYTES = 700 << 20;
/** Time between the request to exit and SIGKILL. */
const GRACE_MS = 2000;
/** A file is retried once in a new process: the first crash may not be its fault. */
const MAX_CRASHES = 2;

/** Analyzes files in child processes. Each process has its own model and handles one file at a time. */
export class ProcessPool implements Analyzer {
  readonly maxConcurrent: number;
  readonly #options: ProcessPoolOptions;
  /** Maximum number of processes. */
  readonly jobs: number;
  readonly #all = new Set<ChildProcess>();
  readonly #idle: ChildProcess[] = [];
  readonly #waiting: (() => void)[] = [];
  #busy = 0;
  #isClosed = false;

  /** Processes start on demand. */
  constructor(options: ProcessPoolOptions) {
    this.#options = options;
    this.jobs = options.jobs ?? defaultParallelism({ bytesEach: PROCESS_BYTES });
    // Hash more files than there are processes, so that no process waits for a hash. Small files need many.
    this.maxConcurrent = Math.max(64, 2 * this.jobs);
  }

  async analyze(task: AnalysisTask, call: AnalysisCall): Promise<AnalysisOutput> {
    await this.#acquire();
    try {
      for (let crashes = 1; ; crashes++) {
        call.signal.throwIfAborted();
        const end = await this.#run(task, call);
        if (end !== "crashed") return end;
        if (crashes === MAX_CRASHES) return withoutReport(failedResult(task.path, crashed(task)));
      }
    } finally {
      this.#release();
    }
  }

  async #acquire(): Promise<void> {
    if (this.#busy >= this.jobs) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#busy++;
  }

  /** Passes the slot directly to the first waiting call. A new call cannot take it in between. */
  #release(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#busy--;
  }

  #run(task: AnalysisTask, { signal, onProgress }: AnalysisCall): Promise<AnalysisOutput | "crashed"> {
    const child = this.#idle.pop() ?? this.#start();
    return new Promise((resolve, reject) => {
      let hasTimedOut = false;
      const watchdog = setTimeout(() => {
        hasTimedOut = true;
        end(child);
      }, 1000 * this.#options.timeoutSec);
      const abort = () => end(child);
      const cleanUp = () => {
        clearTimeout(watchdog);
        signal.removeEventListener("abort", abort);
        child.off("message", onMessage).off("exit", onExit).off("error", onError);
      };
      const onExit = () => {
        cleanUp();
        if (signal.aborted || this.#isClosed) reject(aborted(signal.reason));
        else if (hasTimedOut) resolve(withoutReport(failedResult(task.path, this.#timedOut(task))));
        else resolve("crashed");
      };
      const onError = (error: NodeJS.ErrnoException) => {
        // A started process also emits "exit".
        if (child.pid !== undefined) return;
        cleanUp();
        reject(notStarted(error));
      };
      const onMessage = (message: ProcessMessage) => {
        if (message.id !== task.id) return;
        watchdog.refresh();
        if (message.kind === "progress") return onProgress?.(message.done, message.total);
        cleanUp();
        this.#idle.push(child);
        if (message.kind === "analyzed") resolve(message.output);
        else reject(asError(message));
      };
      signal.addEventListener("abort", abort, { once: true });
      child.on("message", onMessage).once("exit", onExit).on("error", onError);
      if (child.pid !== undefined) child.send(task, (error) => error && child.kill("SIGKILL"));
    });
  }

  #start(): ChildProcess {
    const { model = defaultModelDir, backend, nice, scratch } = this.#options;
    const options: AnalysisProcessOptions = { model, backend, scratch };
    const isSource = import.meta.url.endsWith(".ts");
    const module = fileURLToPath(new URL(`./analysis-process.${isSource ? "ts" : "js"}`, import.meta.url));
    const threads = String(Math.max(1, Math.floor(availableParallelism() / this.jobs)));
    const child = startProcess(module, [JSON.stringify(options)], {
      execArgv: isSource ? ["--import", "tsx"] : [],
      // By default native TensorFlow starts one thread per core in every process.
      env: { TF_NUM_INTRAOP_THREADS: threads, ...process.env },
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    this.#all.add(child);
    // ffmpeg processes inherit the priority.
    if (nice > 0 && child.pid !== undefined) lowerPriority(child.pid, nice);
    child.on("error", () => child.pid === undefined && this.#all.delete(child));
    child.once("exit", () => {
      this.#all.delete(child);
      const at = this.#idle.indexOf(child);
      if (at >= 0) this.#idle.splice(at, 1);
    });
    return child;
  }

  #timedOut({ path }: AnalysisTask): TelltaleError {
    const sentence = `Expected a frame of ${path} at least every ${this.#options.timeoutSec} s but received none; try a longer --timeout.`;
    return new TelltaleError("DECODE_TIMEOUT", sentence);
  }

  /** Number of running processes. */
  get started(): number {
    return this.#all.size;
  }

  /** Ends the processes. Running calls reject with `ABORTED`. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const exits = [...this.#all].map((child) => new Promise((resolve) => child.once("exit", resolve)));
    for (const child of this.#all) end(child);
    await Promise.all(exits);
  }
}

/** @throws TelltaleError `WORKER_FAILED` if the system cannot start a process, e.g. because memory is short */
function startProcess(...args: Parameters<typeof fork>): ChildProcess {
  try {
    return fork(...args);
  } catch (error) {
    throw notStarted(error as NodeJS.ErrnoException);
  }
}

function lowerPriority(pid: number, nice: number): void {
  try {
    setPriority(pid, nice);
  } catch {
    // The process has already exited; "exit" reports it.
  }
}

function notStarted(cause: NodeJS.ErrnoException): TelltaleError {
  const sentence = `Expected to start an analysis process but could not (${cause.code ?? cause.message}); end other programs or set a lower --jobs.`;
  return new TelltaleError("WORKER_FAILED", sentence, { cause });
}

/** Asks a process to exit, which lets it end its decoders, and kills it after {@link GRACE_MS}. */
function end(child: ChildProcess): void {
  if (child.connected) child.disconnect();
  const kill = setTimeout(() => child.kill("SIGKILL"), GRACE_MS);
  child.once("exit", () => clearTimeout(kill));
}

function crashed({ path }: AnalysisTask): TelltaleError {
  const sentence = `Expected to analyze ${path} but the process crashed twice; the file is damaged or malicious. Inspect it on an isolated machine.`;
  return new TelltaleError("WORKER_FAILED", sentence);
}

function aborted(cause: unknown): TelltaleError {
  return new TelltaleError("ABORTED", "The audit was aborted.", { cause });
}

function asError({ code, message }: { readonly code: string | null; readonly message: string }): Error {
  return code === null ? new Error(message) : new TelltaleError(code as TelltaleError["code"], message);
}
