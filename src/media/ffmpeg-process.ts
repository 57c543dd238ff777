import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { Readable, type Writable } from "node:stream";
import type { FfmpegCommand } from "fluent-ffmpeg";
import { TelltaleError } from "../errors.ts";
import { trackChild } from "./live-children.ts";
import { withLimits } from "./process-limits.ts";
import { StderrTail } from "./stderr-tail.ts";

/** Enough lines of stderr to explain a failure; a broken file can make ffmpeg print without end. */
const keptStderrLines = 60;

/** What to run: plain arguments, or a command built with fluent-ffmpeg. */
export interface ProcessOptions {
  /** ffmpeg or ffprobe. */
  readonly binaryPath: string;
  readonly command: readonly string[] | FfmpegCommand;
  /** Path of the media file, for error sentences. */
  readonly mediaPath: string;
  /** The process is killed after this time without output while output is awaited. Milliseconds. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly onStderrLine?: (line: string) => void;
  /** Data for stdin, with backpressure. */
  readonly input?: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  /** Whether the process may write files. Default false. */
  readonly writesFile?: boolean;
}

/** How a process ended. */
export interface ProcessEnd {
  readonly succeeded: boolean;
  /** Last lines of stderr. */
  readonly stderr: string;
}

/** A running ffmpeg or ffprobe. */
export interface MediaProcess {
  /** Chunks of stdout, with backpressure. Leaving the loop kills the process. */
  chunks(): AsyncGenerator<Buffer>;
  /** Resolves when the process has exited and its stderr is read; never rejects. */
  readonly ended: Promise<ProcessEnd>;
  /** Sends SIGKILL; resolves when the process has exited. */
  kill(): Promise<void>;
}

/**
 * Starts ffmpeg or ffprobe. The only place where a process is started.
 *
 * @throws TelltaleError from `chunks()`: ABORTED, DECODE_TIMEOUT. A failure of the process is reported by `ended`
 */
export function startProcess(options: ProcessOptions): MediaProcess {
  const { timeoutMs, signal, mediaPath } = options;
  let lastOutputMs = Date.now();
  const child = spawnLimited(options);
  const stderr = new StderrTail(keptStderrLines, (line) => {
    lastOutputMs = Date.now();
    options.onStderrLine?.(line);
  });
  const ended = endOf(child, stderr);
  let stopReason: "ABORTED" | "DECODE_TIMEOUT" | null = null;
  const stop = (reason: "ABORTED" | "DECODE_TIMEOUT") => {
    stopReason ??= reason;
    child.kill("SIGKILL");
  };
  const abort = () => stop("ABORTED");
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort, { once: true });

  async function kill(): Promise<void> {
    child.kill("SIGKILL");
    child.stdout.destroy();
    await ended;
  }

  async function* chunks(): AsyncGenerator<Buffer> {
    let isWaiting = true;
    lastOutputMs = Date.now();
    const watchdog = setInterval(
      () => {
        if (isWaiting && Date.now() - lastOutputMs > timeoutMs) stop("DECODE_TIMEOUT");
      },
      Math.min(1000, timeoutMs / 2),
    );
    try {
      for await (const chunk of child.stdout) {
        isWaiting = false;
        yield chunk as Buffer;
        isWaiting = true;
        lastOutputMs = Date.now();
      }
      await ended;
    } finally {
      clearInterval(watchdog);
      signal?.removeEventListener("abort", abort);
      await kill();
    }
    if (stopReason === "ABORTED") {
      throw new TelltaleError("ABORTED", `Reading ${mediaPath} was stopped before its end.`, {
        cause: signal?.reason,
      });
    }
    if (stopReason === "DECODE_TIMEOUT") {
      const sentence = `Expected ffmpeg to continue reading ${mediaPath}, but it gave no output for ${timeoutMs / 1000} s: the file is damaged, or the disk or the machine is too busy. Try again.`;
      throw new TelltaleError("DECODE_TIMEOUT", sentence);
    }
  }

  return { chunks, ended, kill };
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

/** Spawns the process with resource limits, and feeds its stdin. */
function spawnLimited({ binaryPath, command, input, writesFile = false }: ProcessOptions): Child {
  const limited = withLimits({ binaryPath, args: argumentsOf(command) }, { writesFile });
  const child = spawn(limited.binaryPath, limited.args, {
    stdio: ["pipe", "pipe", "pipe"],
    windowsHide: true,
    // A separate process group on POSIX, so that Ctrl-C reaches this process only, which decides about its children. On Windows
    // it would open a console.
    detached: process.platform !== "win32",
    env: childEnv(),
  });
  trackChild(child);
  // `endOf` reports a failed start. Later errors, such as a failed kill, need a listener only.
  child.on("error", () => {});
  // A process that ends before it has read its input reports the reason on stderr.
  child.stdin.on("error", () => {});
  if (input) feed(child.stdin, input);
  return child;
}

// fluent-ffmpeg only builds the arguments: its run() starts ffmpeg twice to list formats and encoders, hides the child process
// and keeps paths in module state.
function argumentsOf(command: ProcessOptions["command"]): readonly string[] {
  if (Array.isArray(command)) return command;
  return (command as unknown as { _getArguments(): string[] })._getArguments();
}

async function endOf(child: Child, stderr: StderrTail): Promise<ProcessEnd> {
  child.stderr.setEncoding("utf8").on("data", (text: string) => stderr.append(text));
  try {
    const [[code, killer]] = await Promise.all([once(child, "exit"), once(child.stderr, "close")]);
    stderr.close();
    if (code === 0) return { succeeded: true, stderr: stderr.text };
    return { succeeded: false, stderr: stderr.text || `it ended with ${killer ?? `exit code ${code}`}` };
  } catch (error) {
    return { succeeded: false, stderr: stderr.text || (error as Error).message };
  }
}

function feed(stdin: Writable, input: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): void {
  const source = Readable.from(input, { objectMode: true, highWaterMark: 1 });
  source.on("error", () => stdin.destroy());
  stdin.on("close", () => source.destroy());
  source.pipe(stdin);
}

// Static builds load the system's character-set modules into their own C library and crash; the ffprobe from npm does so for the
// station name of every MPEG-TS. The modules are not needed.
function childEnv(): NodeJS.ProcessEnv {
  return { ...process.env, GCONV_PATH: "/nonexistent" };
}

/** Runs a process and collects its stdout as text. @throws TelltaleError ABORTED, DECODE_TIMEOUT */
export async function runProcess(options: ProcessOptions): Promise<ProcessEnd & { readonly stdout: string }> {
  // A malicious file can have endless tags.
  const maxBytes = 16 << 20;
  const started = startProcess(options);
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of started.chunks()) {
    bytes += chunk.length;
    if (bytes > maxBytes) break;
    parts.push(chunk);
  }
  return { ...(await started.ended), stdout: Buffer.concat(parts).toString("utf8") };
}
