import { TelltaleError } from "../errors.ts";
import { decodeForward } from "./decode-forward.ts";
import { type DecodeJob, type DecodeStats, defaultMaxSidePx } from "./decode-job.ts";
import { decodeSeeking } from "./decode-seeking.ts";
import { checkFilter } from "./filter-graph.ts";
import { locateFfmpeg } from "./locate-ffmpeg.ts";
import { checkFrameOptions, planSampling } from "./sampling.ts";
import { shouldSeek } from "./should-seek.ts";
import type { Frame, FrameOptions, FrameStream, MediaInfo } from "./types.ts";

/**
 * The sampled frames of a file, decoded lazily with bounded memory. A clip with fewer frames than requested gives all of them.
 *
 * A still image is one frame; `filter` does not apply to it. Only the main part of the file is read; see {@link allFrames}.
 *
 * @throws TelltaleError USAGE immediately for invalid options; from the loop DECODE_FAILED if no frame could be decoded,
 *   DECODE_TIMEOUT, ABORTED, FFMPEG_MISSING
 */
export function frames(info: MediaInfo, options: FrameOptions = {}): FrameStream {
  checkFrameOptions(options);
  if (options.filter !== undefined) checkFilter(options.filter);
  const isImage = info.kind === "image";
  const stats: DecodeStats = {
    framesExpected: null,
    framesFailed: 0,
    notAnalyzed: [...(info.notAnalyzed ?? [])],
    warnings: [...info.warnings],
  };
  if (isImage) stats.framesExpected = pagesOf(info, options).length;
  else if (info.durationSec !== null) stats.framesExpected = plan(info, options).count;
  const source = isImage ? imageFrame(info, options, stats) : videoFrames(info, options, stats);
  return {
    get framesExpected() {
      return stats.framesExpected;
    },
    get framesFailed() {
      return stats.framesFailed;
    },
    get notAnalyzed() {
      return stats.notAnalyzed;
    },
    get warnings() {
      return stats.warnings;
    },
    [Symbol.asyncIterator]: () => source,
  };
}

async function* imageFrame(
  info: MediaInfo,
  options: FrameOptions,
  stats: DecodeStats,
): AsyncGenerator<Frame> {
  if (options.signal?.aborted) throw aborted(info, options.signal);
  const { maxSidePx = defaultMaxSidePx } = options;
  const { span } = info;
  // Videos do not need sharp.
  const { decodeImage } = await import("./decode-image.ts");
  let index = 0;
  for (const { page, timeSec } of pagesOf(info, options)) {
    const { warnings, ...frame } = await decodeImage(info.path, { maxSidePx, page, span });
    stats.warnings.push(...warnings);
    yield { ...frame, index: index++, timeSec };
    if (options.signal?.aborted) throw aborted(info, options.signal);
  }
}

/** The sampled pages of an image; several for an animation, evenly spread. */
function pagesOf(
  { page = 0, animation }: MediaInfo,
  { frames: wanted = 32 }: FrameOptions,
): { readonly page: number; readonly timeSec: number }[] {
  if (!animation) return [{ page, timeSec: 0 }];
  const { pages, delaysMs } = animation;
  const count = Math.min(pages, wanted);
  const timeSec = (end: number) => delaysMs.slice(0, end).reduce((sum, ms) => sum + ms, 0) / 1000;
  return Array.from({ length: count }, (_, i) => Math.floor(((i + 0.5) * pages) / count)).map((at) => ({
    page: at,
    timeSec: timeSec(at),
  }));
}

async function* videoFrames(
  info: MediaInfo,
  options: FrameOptions,
  stats: DecodeStats,
): AsyncGenerator<Frame> {
  const { signal } = options;
  if (signal?.aborted) throw aborted(info, signal);
  const location = await locateFfmpeg();
  if (info.isHdr && !location.hasZscale) {
    const sentence = `${info.path} is HDR, which ffmpeg ${location.version} cannot map to SDR (no zscale): its colours look flat.`;
    stats.warnings.push(sentence);
  }
  const sampling = plan(info, options);
  stats.framesExpected = sampling.count;

  const job: DecodeJob = { info, options, plan: sampling, location, stats };
  const pictures = shouldSeek(info, sampling) ? decodeSeeking(job) : decodeForward(job);
  let index = 0;
  for await (const picture of pictures) yield { index: index++, ...picture };
  if (index === 0) {
    const sentence = `Expected video in ${info.path} but not one frame could be decoded: copy or download it again, or check that it plays.`;
    throw new TelltaleError("DECODE_FAILED", sentence, { cause: stats.warnings.at(-1) });
  }
}

function plan(info: MediaInfo, options: FrameOptions) {
  // Without timestamps: assume one frame per second.
  const { startSec = 0, pauses = [] } = info.video ?? {};
  const durationSec = info.durationSec ?? (options.fps === undefined ? (options.frames ?? 32) : null);
  return planSampling({ startSec, durationSec, fps: info.fps, pauses }, options);
}

function aborted(info: MediaInfo, signal: AbortSignal): TelltaleError {
  return new TelltaleError("ABORTED", `Reading ${info.path} was stopped before its end.`, {
    cause: signal.reason,
  });
}
