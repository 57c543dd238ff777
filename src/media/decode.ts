import { availableParallelism } from "node:os";
import ffmpeg from "fluent-ffmpeg";
import { ByteReader } from "./byte-reader.ts";
import { type ProcessEnd, startProcess } from "./ffmpeg-process.ts";
import { maxVideoPixels, mediaInput } from "./input-guards.ts";
import type { FfmpegLocation } from "./locate-ffmpeg.ts";
import { StderrReport } from "./stderr-report.ts";
import type { MediaInfo, Picture } from "./types.ts";

/** Each frame thread holds a decoded picture or more; beyond eight the rest of the program is the bottleneck. */
const maxThreads = 8;

/** One run of ffmpeg over one file. */
export interface DecodeOptions {
  readonly info: MediaInfo;
  readonly location: FfmpegLocation;
  readonly filter: string;
  /** Where to seek to first, in seconds; null: decode from the start. */
  readonly seekSec: number | null;
  /** Stop after so many frames; null: at the end of the file. */
  readonly maxFrames: number | null;
  readonly threads?: number;
  /** Told of each frame and each error; what it has learnt is still there when the loop is left early. */
  readonly report?: StderrReport;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** A picture and when it is shown, in seconds from the start of the file. */
export interface TimedPicture extends Picture {
  readonly timeSec: number;
}

/** What to say of a run that has ended. */
export interface DecodeEnd extends ProcessEnd {
  readonly errorCount: number;
  readonly firstError: string | null;
  /** When the last picture is shown; null when there was none. */
  readonly lastSec: number | null;
}

/**
 * Decodes, one picture at a time, no faster than they are read; leaving the loop kills ffmpeg.
 *
 * @throws TelltaleError ABORTED, DECODE_TIMEOUT. A failing ffmpeg ends the loop; the returned value tells.
 */
export async function* decode(options: DecodeOptions): AsyncGenerator<TimedPicture, DecodeEnd> {
  const { info, location } = options;
  const clockStartSec = options.seekSec === null ? 0 : (info.video?.clockStartSec ?? 0);
  const { report = new StderrReport() } = options;
  const started = startProcess({
    binaryPath: location.ffmpegPath,
    command: decodeCommand(options),
    mediaPath: info.path,
    timeoutMs: options.timeoutMs,
    signal: options.signal,
    onStderrLine: report.push,
  });
  void started.ended.then(() => report.close());
  let lastSec: number | null = null;
  const output = new ByteReader(started.chunks());
  try {
    while (await output.hasMore()) {
      // ffmpeg says what it writes before it writes it.
      const frame = await report.nextFrame();
      if (frame === null) break;
      const { width, height } = frame;
      const data = await output.read(width * height * 3);
      if (data === null) break;
      // A frame without a time of its own is told by its neighbour's.
      const timeSec: number = frame.timeSec === null ? (lastSec ?? 0) : round(frame.timeSec - clockStartSec);
      lastSec = timeSec;
      yield { width, height, data, timeSec };
    }
  } finally {
    await output.close();
  }
  const end = await started.ended;
  return { ...end, errorCount: report.errorCount, firstError: report.firstError, lastSec };
}

function decodeCommand(options: DecodeOptions): ffmpeg.FfmpegCommand {
  const { info, location, seekSec, maxFrames } = options;
  const input = mediaInput(info);
  const threads = options.threads ?? Math.min(maxThreads, availableParallelism());
  return (
    ffmpeg()
      .input(input.url)
      .inputOptions(["-nostdin", "-hide_banner", "-loglevel", "level+info", "-stats", ...input.options])
      .inputOptions(["-max_pixels", String(maxVideoPixels), "-threads", String(threads)])
      // Without -copyts a seek shifts all timestamps, rounding them; with it, time falls back where two streams were joined.
      .inputOptions(seekSec === null ? [] : ["-copyts", "-ss", seekSec.toFixed(6)])
      .outputOptions(["-map", `0:${info.streamIndex}`, "-an", "-sn", "-dn"])
      .outputOptions(location.hasFpsMode ? ["-fps_mode", "passthrough"] : ["-vsync", "passthrough"])
      .outputOptions(maxFrames === null ? [] : ["-frames:v", String(maxFrames)])
      .videoFilters(options.filter)
      .outputOptions(location.hasAutoscale ? ["-autoscale", "0"] : [])
      // In the encoder's own time base, frames closer than the usual ones would be refused.
      .outputOptions(["-c:v", "rawvideo", "-enc_time_base", "1:1000000", "-f", "rawvideo"])
      .output("pipe:1")
  );
}

function round(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e6;
}
