import { TelltaleError } from "../errors.ts";
import { defaultTimeoutMs } from "./decode-job.ts";
import { startProcess } from "./ffmpeg-process.ts";

/** Options for {@link runEncoder}. */
export interface EncoderRun {
  readonly ffmpegPath: string;
  /** Path in error sentences. */
  readonly mediaPath: string;
  readonly args: readonly string[];
  readonly input?: AsyncIterable<Uint8Array> | Iterable<Uint8Array> | undefined;
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Error sentence for the given reason of ffmpeg. */
  readonly failure: (why: string) => string;
}

/**
 * Runs ffmpeg to write a file.
 *
 * @throws TelltaleError `ENCODE_FAILED` with the sentence of `failure`, `DECODE_TIMEOUT`, `ABORTED`
 */
export async function runEncoder(run: EncoderRun): Promise<void> {
  const started = startProcess({
    binaryPath: run.ffmpegPath,
    // Progress on stdout keeps the watchdog from killing it.
    command: ["-y", "-hide_banner", "-loglevel", "error", "-progress", "pipe:1", ...run.args],
    mediaPath: run.mediaPath,
    timeoutMs: run.timeoutMs ?? defaultTimeoutMs,
    signal: run.signal,
    writesFile: true,
    ...(run.input ? { input: run.input } : {}),
  });
  for await (const _ of started.chunks());
  const { succeeded, stderr } = await started.ended;
  if (succeeded) return;
  throw new TelltaleError(
    "ENCODE_FAILED",
    run.failure(stderr.trim().split("\n").at(-1) || "it gave no reason"),
  );
}
