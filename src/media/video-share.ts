import { runProcess } from "./ffmpeg-process.ts";
import { inputGuards, inputUrl } from "./input-guards.ts";

/** Stretches of the file that are looked at, as shares of its length, and how long each is. */
const STRETCHES = [0.1, 0.5, 0.9];
const STRETCH_SEC = 4;

/**
 * The share of a file's bytes that one stream has, by the sizes of its packets in three short stretches: some containers
 * (Matroska, WebM, MPEG-TS) tell one rate for all of their streams.
 *
 * @param file.streamIndex the stream's index in the file
 * @param file.durationSec null where it is not known: then the file's beginning alone is looked at
 * @returns above 0 and up to 1; null where the packets cannot be read, or none of the stream's is among them
 */
export async function shareOfBytes(
  file: { readonly path: string; readonly streamIndex: number; readonly durationSec: number | null },
  { ffprobePath, ...options }: { ffprobePath: string; timeoutMs: number; signal?: AbortSignal | undefined },
): Promise<number | null> {
  const { path, streamIndex, durationSec } = file;
  const starts = durationSec === null ? [""] : STRETCHES.map((share) => (share * durationSec).toFixed(3));
  const intervals = starts.map((start) => `${start}%+${STRETCH_SEC}`).join(",");
  const entries = ["-read_intervals", intervals, "-show_entries", "packet=stream_index,size"];
  const run = await runProcess({
    ...options,
    binaryPath: ffprobePath,
    command: ["-v", "error", ...inputGuards, ...entries, "-print_format", "csv=p=0", "-i", inputUrl(path)],
    mediaPath: path,
  });
  let own = 0;
  let all = 0;
  for (const line of run.stdout.split("\n")) {
    const [index, size] = line.split(",").map(Number);
    if (!Number.isFinite(index) || !Number.isFinite(size)) continue;
    all += size!;
    if (index === streamIndex) own += size!;
  }
  return own > 0 ? own / all : null;
}
