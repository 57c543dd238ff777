import { startProcess } from "./ffmpeg-process.ts";
import { inputGuards, inputUrl } from "./input-guards.ts";
import { locateFfmpeg } from "./locate-ffmpeg.ts";
import type { MediaInfo } from "./types.ts";

/**
 * Seconds from the video's first frame to its end, found by reading the file through without decoding it: for
 * containers that do not say (a recording that was never closed, a stream dump). Null when no packet has a time.
 *
 * @throws TelltaleError ABORTED, DECODE_TIMEOUT, FFMPEG_MISSING.
 */
export async function measureDuration(
  info: MediaInfo,
  options: { timeoutMs: number; signal?: AbortSignal | undefined },
): Promise<number | null> {
  const { ffprobePath } = await locateFfmpeg();
  const started = startProcess({
    ...options,
    binaryPath: ffprobePath,
    command: [
      ...["-v", "error", ...inputGuards, "-select_streams", String(info.streamIndex)],
      ...[
        "-show_entries",
        "packet=pts_time",
        "-print_format",
        "csv=print_section=0",
        "-i",
        inputUrl(info.path),
      ],
    ],
    mediaPath: info.path,
  });
  let firstSec = Number.POSITIVE_INFINITY;
  let lastSec = Number.NEGATIVE_INFINITY;
  let rest = "";
  for await (const chunk of started.chunks()) {
    const lines = (rest + chunk.toString("latin1")).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      const seconds = Number.parseFloat(line);
      if (Number.isNaN(seconds)) continue;
      firstSec = Math.min(firstSec, seconds);
      lastSec = Math.max(lastSec, seconds);
    }
  }
  if (lastSec < firstSec) return null;
  // The last frame is shown for a while too.
  return lastSec - firstSec + 1 / (info.fps ?? 25);
}
