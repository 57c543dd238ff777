import type { ChildProcess } from "node:child_process";
import { Readable, type Writable } from "node:stream";
import ffmpeg, { type FfmpegCommand } from "fluent-ffmpeg";
import { TelltaleError } from "../errors.ts";
import { trackChild } from "./live-children.ts";
import { withLimits } from "./process-limits.ts";

/** Enough of stderr to explain a failure; a broken file can make ffmpeg print without end. */
const keptStderrLines = 60;

/** What to run: either plain arguments, or a command made with fluent-ffmpeg. */
export interface ProcessOptions {
  /** ffmpeg or ffprobe. */
  readonly binaryPath: string;
  readonly command: readonly string[] | FfmpegCommand;
  /** File that is read, for error sentences. */
  readonly mediaPath: string;
  /** Without output for this long while output is awaited, the process is killed. Milliseconds. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly onStderrLine?: (line: string) => void;
  /** What the process reads on stdin, handed over no faster than it is read. */
  readonly input?: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  /** Whether the process writes a file besides its output; false when left out, and then it cannot. */
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
  /** Chunks of stdout, read no faster than they are asked for. Leaving the loop kills the process. */
  chunks(): AsyncGenerator<Buffer>;
  /** Resolves when the process is gone and its stderr read; never rejects. */
  readonly ended: Promise<ProcessEnd>;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
}

interface LineRing {
  callback(onLine: (line: string) => void): void;
  get(): string;
}

// fluent-ffmpeg 2.1.3, the last release: run() first starts ffmpeg twice to list formats and encoders, hides the
// child and keeps paths in module state, so its inner step is called.
interface FluentInternals {
  _getFfmpegPath(done: (error: Error | null, path: string) => void): void;
  _getArguments(): string[];
  _spawnFfmpeg(
    args: readonly string[],
    options: {
      captureStdout: boolean;
      stdoutLines: number;
      windowsHide: boolean;
      detached: boolean;
      env: NodeJS.ProcessEnv;
    },
    started: (child: ChildProcess, stdout: LineRing, stderr: LineRing) => void,
    ended: (error: Error | null, stdout?: LineRing, stderr?: LineRing) => void,
  ): void;
}

/**
 * Starts ffmpeg or ffprobe. The only place where a process is started.
 *
 * @throws TelltaleError from `chunks()`: ABORTED, DECODE_TIMEOUT. A failing exit is told by `ended`.
 */
export function startProcess(options: ProcessOptions): MediaProcess {
  const { timeoutMs, signal, mediaPath, writesFile = false } = options;
  const isPlain = Array.isArray(options.command);
  const fluent = (isPlain ? ffmpeg() : options.command) as unknown as FluentInternals;
  const { binaryPath, args } = withLimits(
    {
      binaryPath: options.binaryPath,
      args: isPlain ? (options.command as readonly string[]) : fluent._getArguments(),
    },
    { writesFile },
  );
  fluent._getFfmpegPath = (done) => done(null, binaryPath);

  // Null only where the process could not even be asked for.
  let child: ChildProcess | null = null;
  let stderr: LineRing | null = null;
  let lastSignOfLife = Date.now();
  let stopped: "ABORTED" | "DECODE_TIMEOUT" | null = null;

  const ended = new Promise<ProcessEnd>((resolve) => {
    fluent._spawnFfmpeg(
      [...args],
      {
        captureStdout: false,
        stdoutLines: keptStderrLines,
        windowsHide: true,
        // A group of its own on POSIX: Ctrl-C reaches this program alone, which decides what becomes of its children.
        // On Windows it would open a console.
        detached: process.platform !== "win32",
        env: childEnv(),
      },
      (startedChild, _stdout, stderrRing) => {
        child = startedChild;
        stderr = stderrRing;
        trackChild(startedChild);
        // A process that ends before it has read everything says why itself.
        startedChild.stdin?.on("error", () => {});
        if (options.input && startedChild.stdin) feed(startedChild.stdin, options.input);
        stderrRing.callback((line) => {
          lastSignOfLife = Date.now();
          options.onStderrLine?.(line);
        });
      },
      (error) => resolve({ succeeded: !error, stderr: stderr?.get() || (error?.message ?? "") }),
    );
  });

  const stop = (reason: "ABORTED" | "DECODE_TIMEOUT") => {
    stopped ??= reason;
    child?.kill("SIGKILL");
  };
  const abort = () => stop("ABORTED");
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort, { once: true });

  async function kill(): Promise<void> {
    child?.kill("SIGKILL");
    child?.stdout?.destroy();
    await ended;
  }

  async function* chunks(): AsyncGenerator<Buffer> {
    let isWaiting = true;
    lastSignOfLife = Date.now();
    const watchdog = setInterval(
      () => {
        if (isWaiting && Date.now() - lastSignOfLife > timeoutMs) stop("DECODE_TIMEOUT");
      },
      Math.min(1000, timeoutMs / 2),
    );
    try {
      for await (const chunk of (child?.stdout ?? []) as Readable) {
        isWaiting = false;
        yield chunk as Buffer;
        isWaiting = true;
        lastSignOfLife = Date.now();
      }
      await ended;
    } finally {
      clearInterval(watchdog);
      signal?.removeEventListener("abort", abort);
      await kill();
    }
    if (stopped === "ABORTED") {
      throw new TelltaleError("ABORTED", `Reading ${mediaPath} was stopped before its end.`, {
        cause: signal?.reason,
      });
    }
    if (stopped === "DECODE_TIMEOUT") {
      const sentence = `Expected ffmpeg to go on reading ${mediaPath} but nothing came for ${timeoutMs / 1000} s: the file is damaged or its disk hangs; try again with a longer timeoutMs.`;
      throw new TelltaleError("DECODE_TIMEOUT", sentence);
    }
  }

  return { chunks, ended, kill };
}

function feed(stdin: Writable, input: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): void {
  const source = Readable.from(input, { objectMode: true, highWaterMark: 1 });
  source.on("error", () => stdin.destroy());
  stdin.on("close", () => source.destroy());
  source.pipe(stdin);
}

// A static build loads the system's character-set modules into its own C library and crashes, as ffprobe from npm
// does on the station name of every MPEG-TS. Nothing here needs them.
function childEnv(): NodeJS.ProcessEnv {
  return { ...process.env, GCONV_PATH: "/nonexistent" };
}

/** Whole stdout of a short run, as text, and how it ended. @throws TelltaleError ABORTED, DECODE_TIMEOUT. */
export async function runProcess(options: ProcessOptions): Promise<ProcessEnd & { readonly stdout: string }> {
  // A hostile file can hold endless tags; no real one describes itself in more than this.
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
