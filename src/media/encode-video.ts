import { availableParallelism } from "node:os";
import { TelltaleError } from "../errors.ts";
import { decodeImage } from "./decode-image.ts";
import { defaultMaxSidePx } from "./decode-job.ts";
import { checkFilter, filterGraph, fitInside } from "./filter-graph.ts";
import { inputUrl, maxVideoPixels, mediaInput } from "./input-guards.ts";
import { type FfmpegLocation, locateFfmpeg } from "./locate-ffmpeg.ts";
import { runEncoder } from "./run-encoder.ts";
import type { MediaInfo } from "./types.ts";

/** x264 needs even sides for 4:2:0. The RGB pixels are converted to BT.709 and tagged accordingly. */
const toH264 =
  "scale=w='max(2,trunc(iw/2)*2)':h='max(2,trunc(ih/2)*2)':out_color_matrix=bt709:out_range=tv,format=yuv420p";
const colorTags = [
  ...["-colorspace", "bt709", "-color_primaries", "bt709"],
  ...["-color_trc", "bt709", "-color_range", "tv"],
];

interface EncodeCall {
  readonly signal?: AbortSignal | undefined;
  /** ffmpeg is killed after this time without output. Default 30,000. */
  readonly timeoutMs?: number;
}

/**
 * Encodes all frames of a file as H.264 in MP4, upright and without sound. A still image becomes a video with one frame.
 *
 * @param options.crf constant rate factor of x264, 0 (lossless) to 51 (worst)
 * @param options.filter ffmpeg filters as in {@link FrameOptions}
 * @throws TelltaleError `ENCODE_FAILED`, `DECODE_TIMEOUT`, `ABORTED`, `FFMPEG_MISSING`
 */
export async function recompress(
  info: MediaInfo,
  outPath: string,
  { crf, filter, ...call }: EncodeCall & { readonly crf: number; readonly filter?: string | undefined },
): Promise<void> {
  if (filter !== undefined) checkFilter(filter);
  const location = await locateFfmpeg();
  const encoder = ["-c:v", "libx264", "-preset", "veryfast", "-crf", String(crf), ...colorTags];
  if (info.kind === "image") {
    const frame = await decodeImage(info.path, { maxSidePx: defaultMaxSidePx });
    const input = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", `${frame.width}x${frame.height}`];
    const args = [...input, "-r", "25", "-i", "pipe:0", "-vf", toH264, ...encoder];
    await encode(info, { ...call, location, args: [...args, ...mp4(outPath)], input: [frame.data] });
    return;
  }
  const graph = `[0:${info.streamIndex}]${uprightGraph(info, location, filter)},${toH264}[out]`;
  const args = [...readArgs(info), "-filter_complex", graph, "-map", "[out]", "-an", ...encoder];
  await encode(info, { ...call, location, args: [...args, ...mp4(outPath)] });
}

/** Overlay pictures at a constant rate from the start of the video. */
export interface Overlay extends EncodeCall {
  readonly fps: number;
  /** RGBA uint8 [height, width, 4] of {@link overlaySize}, straight alpha. The last one is not repeated. */
  readonly pictures: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** Size of overlay pictures: the size of the frames of `frames`. */
export function overlaySize(info: MediaInfo): { readonly width: number; readonly height: number } {
  return fitInside(info, defaultMaxSidePx);
}

/**
 * Writes a video as H.264 in MP4 with overlay pictures. Timestamps and sound are kept; sound that MP4 does not support is
 * encoded as AAC.
 *
 * @throws TelltaleError `ENCODE_FAILED`, `DECODE_TIMEOUT`, `ABORTED`, `FFMPEG_MISSING`
 */
export async function overlayVideo(info: MediaInfo, outPath: string, overlay: () => Overlay): Promise<void> {
  const location = await locateFfmpeg();
  const { width, height } = overlaySize(info);
  const attempt = async (audio: string) => {
    const { fps, pictures, ...call } = overlay();
    const graph = [
      `[0:${info.streamIndex}]${h264Graph(info, location)}[base]`,
      "[1:v]scale=out_color_matrix=bt709:out_range=tv,format=yuva420p[marks]",
      "[base][marks]overlay=format=yuv420:eof_action=pass[out]",
    ].join(";");
    const args = [
      ...readArgs(info),
      ...["-f", "rawvideo", "-pix_fmt", "rgba", "-s", `${width}x${height}`, "-r", String(fps)],
      ...["-i", "pipe:0", "-filter_complex", graph, "-map", "[out]", "-map", "0:a?", "-c:a", audio],
      ...["-c:v", "libx264", "-preset", "veryfast", "-crf", "18", ...colorTags],
    ];
    await encode(info, { ...call, location, args: [...args, ...mp4(outPath)], input: pictures });
  };
  try {
    await attempt("copy");
  } catch (error) {
    const isRefused = error instanceof TelltaleError && error.code === "ENCODE_FAILED";
    if (!isRefused || !info.hasAudio) throw error;
    await attempt("aac");
  }
}

function readArgs(info: MediaInfo): string[] {
  const threads = String(Math.min(8, availableParallelism()));
  const { options, url } = mediaInput(info);
  return [...options, "-max_pixels", String(maxVideoPixels), "-threads", threads, "-i", url];
}

function uprightGraph(info: MediaInfo, { hasZscale }: FfmpegLocation, filter?: string): string {
  return filterGraph(info, {
    select: null,
    filter,
    maxSidePx: defaultMaxSidePx,
    hasZscale,
    hasFixedSize: true,
  });
}

/** Upright pictures as H.264 takes them. */
function h264Graph(info: MediaInfo, location: FfmpegLocation): string {
  if (info.isHdr) return `${uprightGraph(info, location)},${toH264}`;
  const size = { maxSidePx: defaultMaxSidePx, hasFixedSize: true };
  const { hasZscale } = location;
  return filterGraph(info, { ...size, select: null, filter: undefined, hasZscale, isForH264: true });
}

function mp4(outPath: string): string[] {
  return ["-movflags", "+faststart", "-f", "mp4", inputUrl(outPath)];
}

async function encode(
  info: MediaInfo,
  run: EncodeCall & {
    readonly location: FfmpegLocation;
    readonly args: readonly string[];
    readonly input?: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  },
): Promise<void> {
  const { location, ...rest } = run;
  await runEncoder({
    ...rest,
    ffmpegPath: location.ffmpegPath,
    mediaPath: info.path,
    failure: (why) =>
      `Expected ffmpeg to encode ${info.path} but it failed (${why}); check that the disk has room and that \`ffmpeg -encoders\` lists libx264.`,
  });
}
