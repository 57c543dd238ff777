import { TelltaleError } from "../errors.ts";
import { runProcess } from "./ffmpeg-process.ts";
import { inputGuards, inputUrl, maxVideoPixels } from "./input-guards.ts";
import { locateFfmpeg } from "./locate-ffmpeg.ts";
import { probeError } from "./probe-error.ts";
import type { MediaInfo } from "./types.ts";
import { shareOfBytes } from "./video-share.ts";

/** The part of ffprobe's JSON that is read. Numbers come as text. */
interface ProbedStream {
  readonly index: number;
  readonly codec_type?: string;
  readonly codec_name?: string;
  readonly pix_fmt?: string;
  readonly width?: number;
  readonly height?: number;
  readonly sample_aspect_ratio?: string;
  readonly field_order?: string;
  readonly color_range?: string;
  readonly color_space?: string;
  readonly color_transfer?: string;
  readonly color_primaries?: string;
  readonly r_frame_rate?: string;
  readonly avg_frame_rate?: string;
  readonly start_time?: string;
  readonly duration?: string;
  readonly nb_frames?: string;
  readonly bit_rate?: string;
  readonly disposition?: { readonly default?: number; readonly attached_pic?: number };
  readonly tags?: Readonly<Record<string, string>>;
  readonly side_data_list?: readonly { readonly rotation?: number }[];
}

interface ProbedFile {
  readonly streams?: readonly ProbedStream[];
  readonly format?: {
    readonly format_name?: string;
    readonly start_time?: string;
    readonly duration?: string;
    readonly bit_rate?: string;
  };
}

/**
 * What ffprobe says of a video file.
 *
 * @throws TelltaleError NOT_MEDIA, NO_VIDEO, UNSUPPORTED_CONTAINER, MEDIA_TOO_LARGE, DECODE_FAILED, DECODE_TIMEOUT,
 * FFMPEG_MISSING, ABORTED.
 */
export async function probeVideo(
  path: string,
  options: {
    bytes: number;
    head: Uint8Array;
    isCutShort: boolean;
    signal?: AbortSignal;
    timeoutMs?: number;
  },
): Promise<MediaInfo> {
  const { ffprobePath } = await locateFfmpeg();
  const command = ["-v", "error", ...inputGuards, "-print_format", "json", "-show_streams", "-show_format"];
  const limits = { timeoutMs: options.timeoutMs ?? 30_000, signal: options.signal };
  const run = await runProcess({
    ...limits,
    binaryPath: ffprobePath,
    command: [...command, "-i", inputUrl(path)],
    mediaPath: path,
  });
  if (!run.succeeded) throw probeError({ path, head: options.head }, run.stderr);
  const probed = JSON.parse(run.stdout) as ProbedFile;
  const streams = probed.streams ?? [];
  const stream = mainVideoStream(streams);
  const hasAudio = streams.some((one) => one.codec_type === "audio");
  if (!stream?.width || !stream.height) throw noVideo(path, { hasAudio, stream });
  const info = describe(path, { ...options, stream, hasAudio, format: probed.format ?? {} });
  // The rate of the whole file has its sound in it.
  if (info.bitsPerPixel === null || toNumber(stream.bit_rate) !== null || streams.length < 2) return info;
  const share = await shareOfBytes({ ...info, streamIndex: stream.index }, { ...limits, ffprobePath });
  return share === null ? info : { ...info, bitsPerPixel: share * info.bitsPerPixel };
}

// Cover art is a video stream of one picture. The default stream wins, then the largest, then the first.
function mainVideoStream(streams: readonly ProbedStream[]): ProbedStream | undefined {
  const area = (one: ProbedStream) => (one.width ?? 0) * (one.height ?? 0);
  return streams
    .filter((one) => one.codec_type === "video" && !one.disposition?.attached_pic)
    .sort(
      (a, b) =>
        (b.disposition?.default ?? 0) - (a.disposition?.default ?? 0) ||
        area(b) - area(a) ||
        a.index - b.index,
    )[0];
}

function describe(
  path: string,
  probed: {
    bytes: number;
    isCutShort: boolean;
    stream: ProbedStream;
    hasAudio: boolean;
    format: NonNullable<ProbedFile["format"]>;
  },
): MediaInfo {
  const { stream, format } = probed;
  const codedWidth = stream.width ?? 0;
  const codedHeight = stream.height ?? 0;
  if (codedWidth * codedHeight > maxVideoPixels) {
    const sentence = `Expected video of at most ${maxVideoPixels >> 20} megapixels a frame but ${path} has ${codedWidth} x ${codedHeight}: scale it down first.`;
    throw new TelltaleError("MEDIA_TOO_LARGE", sentence);
  }
  const warnings: string[] = [];
  if (probed.isCutShort) warnings.push(`${path} is cut short: its header promises more than the file holds.`);
  const rotationDeg = clockwiseRotation(stream);
  const shownWidth = Math.max(1, Math.round(codedWidth * pixelAspect(stream)));
  const isLyingDown = rotationDeg % 180 !== 0;

  const fileStart = toNumber(format.start_time) ?? 0;
  const startSec = Math.max(0, (toNumber(stream.start_time) ?? fileStart) - fileStart);
  const fileDuration = toNumber(format.duration);
  const duration = toNumber(stream.duration) ?? (fileDuration === null ? null : fileDuration - startSec);
  const average = toRate(stream.avg_frame_rate);
  const base = toRate(stream.r_frame_rate);
  const fps = average ?? base;
  const isHdr = /^(smpte2084|arib-std-b67)$/.test(stream.color_transfer ?? "");

  return {
    path,
    kind: "video",
    bytes: probed.bytes,
    container: format.format_name ?? "unknown",
    codec: stream.codec_name ?? "unknown",
    pixelFormat: stream.pix_fmt ?? null,
    width: isLyingDown ? codedHeight : shownWidth,
    height: isLyingDown ? shownWidth : codedHeight,
    durationSec: duration !== null && duration > 0 ? duration : null,
    fps,
    frameCount: toNumber(stream.nb_frames),
    bitsPerPixel: bitsPerPixel(
      toNumber(stream.bit_rate) ?? toNumber(format.bit_rate),
      fps,
      codedWidth * codedHeight,
    ),
    rotationDeg,
    isVariableFrameRate: isVariable({ average, base, isInterlaced: isInterlaced(stream) }),
    isHdr,
    hasAudio: probed.hasAudio,
    streamIndex: stream.index,
    video: {
      startSec,
      clockStartSec: fileStart,
      isCutShort: probed.isCutShort,
      colorMatrix: known(stream.color_space),
      colorTransfer: known(stream.color_transfer),
      colorPrimaries: known(stream.color_primaries),
      colorRange: known(stream.color_range),
    },
    warnings,
  };
}

function bitsPerPixel(bitsPerSec: number | null, fps: number | null, pixels: number): number | null {
  return bitsPerSec === null || bitsPerSec <= 0 || fps === null ? null : bitsPerSec / (fps * pixels);
}

// ffprobe tells the display matrix as a counterclockwise angle; before ffmpeg 5 MOV files had a clockwise tag too.
function clockwiseRotation(stream: ProbedStream): number {
  const matrix = stream.side_data_list?.find((one) => one.rotation !== undefined)?.rotation;
  const degrees = matrix === undefined ? Number(stream.tags?.rotate ?? 0) : -matrix;
  const turned = ((Math.round(degrees) % 360) + 360) % 360;
  // Any other angle keeps the frame's size: ffmpeg turns the picture within it.
  return turned % 90 === 0 ? turned : 0;
}

// Beyond 16:1 it is a damaged header, and would make a picture of any size.
function pixelAspect(stream: ProbedStream): number {
  const [x, y] = (stream.sample_aspect_ratio ?? "1:1").split(":").map(Number);
  const aspect = (x ?? 1) / (y ?? 1);
  return aspect >= 1 / 16 && aspect <= 16 ? aspect : 1;
}

function isInterlaced(stream: ProbedStream): boolean {
  return stream.field_order !== undefined && !/^(progressive|unknown)$/.test(stream.field_order);
}

// r_frame_rate is the lowest rate that all timestamps fit; it equals the average where frames are evenly spaced,
// and is twice that (the field rate) for interlaced streams.
function isVariable(rates: { average: number | null; base: number | null; isInterlaced: boolean }): boolean {
  if (!rates.average || !rates.base) return false;
  const ratio = rates.base / rates.average;
  if (rates.isInterlaced && Math.abs(ratio - 2) < 0.02) return false;
  return Math.abs(ratio - 1) > 0.01;
}

function noVideo(
  path: string,
  found: { hasAudio: boolean; stream: ProbedStream | undefined },
): TelltaleError {
  if (found.stream) {
    const sentence = `Expected a decodable video in ${path} but its ${found.stream.codec_name ?? "video"} stream has no picture size: copy or download it again.`;
    return new TelltaleError("DECODE_FAILED", sentence);
  }
  const what = found.hasAudio ? "only sound" : "no video stream";
  const sentence = `Expected a video or an image but ${path} holds ${what}: give a file with a picture.`;
  return new TelltaleError("NO_VIDEO", sentence);
}

function toNumber(text: string | undefined): number | null {
  const value = Number(text);
  return text !== undefined && Number.isFinite(value) ? value : null;
}

function toRate(text: string | undefined): number | null {
  const [over = 0, under = 1] = (text ?? "").split("/").map(Number);
  return over > 0 && under > 0 ? over / under : null;
}

function known(tag: string | undefined): string | null {
  return tag === undefined || /^(unknown|unspecified|reserved)$/.test(tag) ? null : tag;
}
