import { availableParallelism } from "node:os";
import ffmpeg from "fluent-ffmpeg";
import { ByteReader } from "./byte-reader.ts";
import { type ProcessEnd, startProcess } from "./ffmpeg-process.ts";
import { maxVideoPixels, mediaInput } from "./input-guards.ts";
import type { FfmpegLocation } from "./locate-ffmpeg.ts";
import { StderrReport } from "./stderr-report.ts";
import type { MediaInfo, Picture } from "./types.ts";

/** More threads take more memory and are not faster, because scoring is the bottleneck. */
const maxThreads = 8;

/** Options of one ffmpeg run. */
export interface DecodeOptions {
  readonly info: MediaInfo;
  readonly location: FfmpegLocation;
  readonly filter: string;
  /** Seek position in seconds; null decodes from the start. */
  readonly seekSec: number | null;
  /** Maximum number of frames; null for all. */
  readonly maxFrames: number | null;
  /** Collects frames and errors; readable after the loop was left early. */
  readonly report?: StderrReport;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** A picture with its presentation time in seconds from the start of the file. */
export interface TimedPicture extends Picture {
  readonly timeSec: number;
}

/** Result of a finished run. */
export interface DecodeEnd extends ProcessEnd {
  readonly errorCount: number;
  readonly firstError: string | null;
  /** Time of the last picture in seconds; null without pictures. */
  readonly lastSec: number | null;
}

/**
 * Decodes pictures lazily. Leaving the loop kills ffmpeg.
 *
 * @returns how the run ended; a failure of ffmpeg is not thrown
 * @throws TelltaleError ABORTED, DECODE_TIMEOUT
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
      // ffmpeg reports each frame on stderr before it writes it.
      const frame = await report.nextFrame();
      if (frame === null) break;
      const { width, height } = frame;
      const data = await output.read(width * height * 3);
      if (data === null) break;
      // A frame without a timestamp gets that of the previous frame.
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
  const threads = Math.min(maxThreads, availableParallelism());
  return (
    ffmpeg()
      .input(input.url)
      .inputOptions(["-nostdin", "-hide_banner", "-loglevel", "level+info", "-stats", ...input.options])
      .inputOptions(["-max_pixels", String(maxVideoPixels), "-threads", String(threads)])
      // Without -copyts a seek shifts and rounds timestamps. When decoding from the start, -copyts would break concatenated streams.
      .inputOptions(seekSec === null ? [] : ["-copyts", "-ss", seekSec.toFixed(6)])
      .outputOptions(["-map", `0:${info.streamIndex}`, "-an", "-sn", "-dn"])
      .outputOptions(location.hasFpsMode ? ["-fps_mode", "passthrough"] : ["-vsync", "passthrough"])
      .outputOptions(maxFrames === null ? [] : ["-frames:v", String(maxFrames)])
      .videoFilters(options.filter)
      .outputOptions(location.hasAutoscale ? ["-autoscale", "0"] : [])
      // The default time base of the encoder would reject frames that are closer than usual.
      .outputOptions(["-c:v", "rawvideo", "-enc_time_base", "1:1000000", "-f", "rawvideo"])
      .output("pipe:1")
  );
}

function round(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e6;
}
