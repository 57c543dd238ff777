import { type ChildProcess, fork } from "node:child_process";
import { availableParallelism, setPriority } from "node:os";
import { fileURLToPath } from "node:url";
import { affordable } from "../detection/affordable.ts";
import { TelltaleError } from "../errors.ts";
import { defaultModelDir } from "../networks/read-manifest.ts";
import { failureFinding } from "./finding.ts";
import { failedJudgement, type Judge, type JudgeCall, type Judgement, type JudgeTask } from "./judge.ts";
import type { JudgeAnswer, JudgeProcessOptions } from "./judge-process.ts";

export interface JudgePoolOptions {
  /** Processes at most; one a core when left out, and no more than free memory holds. */
  readonly jobs?: number | undefined;
  /** 0 to 19, as of nice(1). */
  readonly nice: number;
  /** Without a sign of life for this long a file is given up. */
  readonly timeoutSec: number;
  readonly model?: string | undefined;
  readonly backend: JudgeProcessOptions["backend"];
  /** Folder for what must be copied or linked to be read. */
  readonly scratch: string;
}

/** What a process takes at its peak, about. */
const PROCESS_BYTES = 700 << 20;
/** A process that was asked to end gets this long; then it is killed. */
const GRACE_MS = 2000;
/** A crash may be the machine's and not the file's: it is tried again once, in a fresh process. */
const MAX_CRASHES = 2;

/** Judges contents in a number of processes beside this one, each with its own model, one content at a time. */
export class JudgePool implements Judge {
  readonly window: number;
  readonly #options: JudgePoolOptions;
  /** Processes at most. */
  readonly jobs: number;
  readonly #all = new Set<ChildProcess>();
  readonly #idle: ChildProcess[] = [];
  readonly #queue: (() => void)[] = [];
  #busy = 0;
  #isClosed = false;

  /** The processes start as they are needed. */
  constructor(options: JudgePoolOptions) {
    this.#options = options;
    this.jobs = options.jobs ?? affordable({ bytesEach: PROCESS_BYTES });
    // As many again are hashed and wait, so that no process does; small files come faster than they are hashed.
    this.window = Math.max(64, 2 * this.jobs);
  }

  async judge(task: JudgeTask, call: JudgeCall): Promise<Judgement> {
    await this.#turn();
    try {
      for (let crashes = 1; ; crashes++) {
        call.signal.throwIfAborted();
        const end = await this.#run(task, call);
        if (end !== "crashed") return end;
        if (crashes === MAX_CRASHES) return failedJudgement(failureFinding(task.path, crashed(task)));
      }
    } finally {
      // The place goes to the one that waits longest, so that nobody else takes it meanwhile.
      const next = this.#queue.shift();
      if (next) next();
      else this.#busy--;
    }
  }

  async #turn(): Promise<void> {
    if (this.#busy >= this.jobs) await new Promise<void>((resolve) => this.#queue.push(resolve));
    else this.#busy++;
  }

  #run(task: JudgeTask, { signal, onProgress }: JudgeCall): Promise<Judgement | "crashed"> {
    const child = this.#idle.pop() ?? this.#start();
    return new Promise((resolve, reject) => {
      let isGivenUp = false;
      const watchdog = setTimeout(() => {
        isGivenUp = true;
        end(child);
      }, 1000 * this.#options.timeoutSec);
      const abort = () => end(child);
      const settle = () => {
        clearTimeout(watchdog);
        signal.removeEventListener("abort", abort);
        child.off("message", hear).off("exit", gone).off("error", failed);
      };
      const gone = () => {
        settle();
        if (signal.aborted || this.#isClosed) reject(aborted(signal.reason));
        else if (isGivenUp) resolve(failedJudgement(failureFinding(task.path, this.#hung(task))));
        else resolve("crashed");
      };
      const failed = (error: NodeJS.ErrnoException) => {
        // A process that has started tells of its end by "exit".
        if (child.pid !== undefined) return;
        settle();
        reject(notStarted(error));
      };
      const hear = (answer: JudgeAnswer) => {
        if (answer.id !== task.id) return;
        watchdog.refresh();
        if (answer.kind === "progress") return onProgress?.(answer.done, answer.total);
        settle();
        this.#idle.push(child);
        if (answer.kind === "judged") resolve(answer.judgement);
        else reject(asError(answer));
      };
      signal.addEventListener("abort", abort, { once: true });
      child.on("message", hear).once("exit", gone).on("error", failed);
      if (child.pid !== undefined) child.send(task, (error) => error && child.kill("SIGKILL"));
    });
  }

  #start(): ChildProcess {
    const { model = defaultModelDir, backend, nice, scratch } = this.#options;
    const options: JudgeProcessOptions = { model, backend, scratch };
    const isSource = import.meta.url.endsWith(".ts");
    const module = fileURLToPath(new URL(`./judge-process.${isSource ? "ts" : "js"}`, import.meta.url));
    const threads = String(Math.max(1, Math.floor(availableParallelism() / this.jobs)));
    const child = startProcess(module, [JSON.stringify(options)], {
      execArgv: isSource ? ["--import", "tsx"] : [],
      // The native library would start a thread a core in every process.
      env: { TF_NUM_INTRAOP_THREADS: threads, ...process.env },
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    this.#all.add(child);
    // Its decoders inherit this.
    if (nice > 0 && child.pid !== undefined) lowerPriority(child.pid, nice);
    child.on("error", () => child.pid === undefined && this.#all.delete(child));
    child.once("exit", () => {
      this.#all.delete(child);
      const at = this.#idle.indexOf(child);
      if (at >= 0) this.#idle.splice(at, 1);
    });
    return child;
  }

  #hung({ path }: JudgeTask): TelltaleError {
    const sentence = `Expected a frame of ${path} at least every ${this.#options.timeoutSec} s but none came, so it was given up; try again with a longer --timeout.`;
    return new TelltaleError("DECODE_TIMEOUT", sentence);
  }

  /** Processes that are there. */
  get started(): number {
    return this.#all.size;
  }

  /** Ends the processes; what is under way rejects with `ABORTED`. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const gone = [...this.#all].map((child) => new Promise((resolve) => child.once("exit", resolve)));
    for (const child of this.#all) end(child);
    await Promise.all(gone);
  }
}

/** @throws TelltaleError `WORKER_FAILED` where the system starts no more processes, e.g. for want of memory */
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
    // It has ended already, which "exit" tells.
  }
}

function notStarted(cause: NodeJS.ErrnoException): TelltaleError {
  const sentence = `Expected to start a process that judges files but could not (${cause.code ?? cause.message}); end other programs or give fewer --jobs.`;
  return new TelltaleError("WORKER_FAILED", sentence, { cause });
}

/** Lets a process end its decoders first, and kills it when it does not listen. */
function end(child: ChildProcess): void {
  if (child.connected) child.disconnect();
  const kill = setTimeout(() => child.kill("SIGKILL"), GRACE_MS);
  child.once("exit", () => clearTimeout(kill));
}

function crashed({ path }: JudgeTask): TelltaleError {
  const sentence = `Expected ${path} to be judged but the process that read it died twice: the file is damaged or made to harm; look at it on a machine that you can lose.`;
  return new TelltaleError("WORKER_FAILED", sentence);
}

function aborted(cause: unknown): TelltaleError {
  return new TelltaleError("ABORTED", "The audit was aborted.", { cause });
}

function asError({ code, message }: { readonly code: string | null; readonly message: string }): Error {
  return code === null ? new Error(message) : new TelltaleError(code as TelltaleError["code"], message);
}
