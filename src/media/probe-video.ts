import { TelltaleError } from "../errors.ts";
import type { ByteSpan } from "./embedded.ts";
import { runProcess } from "./ffmpeg-process.ts";
import { maxVideoPixels, mediaInput } from "./input-guards.ts";
import { locateFfmpeg } from "./locate-ffmpeg.ts";
import { type StreamPackets, scanPackets } from "./packet-scan.ts";
import { probeError } from "./probe-error.ts";
import type { MediaInfo } from "./types.ts";

/** Requested entries. Only the needed tag is requested, because tags can be very large. */
const entries = [
  "format=format_name,start_time,duration",
  "stream=index,codec_type,codec_name,pix_fmt,width,height,sample_aspect_ratio,field_order,color_range,color_space,color_transfer,color_primaries,r_frame_rate,avg_frame_rate,start_time,duration,nb_frames",
  "stream_disposition=default,attached_pic,timed_thumbnails",
  "stream_tags=rotate",
  "stream_side_data=rotation",
].join(":");

/** Containers with possible timestamp discontinuities. */
const jumpingContainers = /\b(mpegts|mpeg)\b/;

/** The used part of the ffprobe JSON. Numbers are strings. */
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
  readonly disposition?: {
    readonly default?: number;
    readonly attached_pic?: number;
    readonly timed_thumbnails?: number;
  };
  readonly tags?: Readonly<Record<string, string>>;
  readonly side_data_list?: readonly { readonly rotation?: number }[];
}

interface ProbedFile {
  readonly streams?: readonly ProbedStream[];
  readonly format?: {
    readonly format_name?: string;
    readonly start_time?: string;
    readonly duration?: string;
  };
}

/**
 * Probes a video file with ffprobe.
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
    span?: ByteSpan | undefined;
    signal?: AbortSignal;
    timeoutMs?: number;
  },
): Promise<MediaInfo> {
  const { ffprobePath } = await locateFfmpeg();
  const limits = { timeoutMs: options.timeoutMs ?? 30_000, signal: options.signal, mediaPath: path };
  const { span } = options;
  const input = mediaInput({ path, span });
  const run = await runProcess({
    ...limits,
    binaryPath: ffprobePath,
    command: [
      "-v",
      "error",
      "-print_format",
      "json",
      "-show_entries",
      entries,
      ...input.options,
      "-i",
      input.url,
    ],
  });
  if (!run.succeeded) throw probeError({ path, head: options.head }, run.stderr);
  const probed = JSON.parse(run.stdout) as ProbedFile;
  const streams = probed.streams ?? [];
  const [stream, ...rest] = videoStreams(streams);
  const hasAudio = streams.some((one) => one.codec_type === "audio");
  if (!stream?.width || !stream.height) throw noVideo(path, { hasAudio, stream });
  checkSize(path, stream);
  const mayJump = jumpingContainers.test(probed.format?.format_name ?? "");
  const scan = (video: { ignoresEditList: boolean }) => {
    const { options: guards, url } = mediaInput({ path, span, video });
    return scanPackets({ ...limits, ffprobePath, mayJump, input: [...guards, "-i", url] });
  };
  const shown = await scan({ ignoresEditList: false });
  const held = toNumber(stream.nb_frames) ?? 0;
  // An edit list may hide frames.
  const isEdited = !options.isCutShort && /\bmov\b/.test(probed.format?.format_name ?? "");
  const ignoresEditList = isEdited && held > (shown.get(stream.index)?.count ?? 0);
  const packets = ignoresEditList ? await scan({ ignoresEditList }) : shown;
  const common = { ...options, hasAudio, format: probed.format ?? {}, packets, ignoresEditList };
  const main = describe(path, { ...common, stream });
  const filled = rest.filter((one) => (packets.get(one.index)?.count ?? 0) > 0);
  const others = filled
    .filter((one) => one.width && one.height)
    .map((one) => ({ ...describe(path, { ...common, stream: one }), what: "video-track" as const }));
  const notAnalyzed = filled
    .filter((one) => !one.width || !one.height)
    .map(() => ({ what: "video-track" as const, count: 1, seconds: null }));
  return {
    ...main,
    ...(others.length > 0 ? { others } : {}),
    ...(notAnalyzed.length > 0 ? { notAnalyzed } : {}),
  };
}

// Without cover art. The default stream comes first, then the largest, then the first.
function videoStreams(streams: readonly ProbedStream[]): readonly ProbedStream[] {
  const area = (one: ProbedStream) => (one.width ?? 0) * (one.height ?? 0);
  return streams
    .filter((one) => one.codec_type === "video")
    .filter((one) => !one.disposition?.attached_pic && !one.disposition?.timed_thumbnails)
    .sort(
      (a, b) =>
        (b.disposition?.default ?? 0) - (a.disposition?.default ?? 0) ||
        area(b) - area(a) ||
        a.index - b.index,
    );
}

function describe(
  path: string,
  probed: {
    bytes: number;
    isCutShort: boolean;
    span?: ByteSpan | undefined;
    stream: ProbedStream;
    hasAudio: boolean;
    format: NonNullable<ProbedFile["format"]>;
    packets: ReadonlyMap<number, StreamPackets>;
    ignoresEditList: boolean;
  },
): MediaInfo {
  const { stream, format, packets, isCutShort, ignoresEditList } = probed;
  const codedWidth = stream.width ?? 0;
  const codedHeight = stream.height ?? 0;
  const own = packets.get(stream.index) ?? null;
  const rotationDeg = clockwiseRotation(stream);
  const shownWidth = Math.max(1, Math.round(codedWidth * pixelAspect(stream)));
  const isSideways = rotationDeg % 180 !== 0;

  // Without the edit list, the file starts at another time.
  const firstSecs = [...packets.values()].map((one) => one.firstSec);
  const stated = ignoresEditList ? null : toNumber(format.start_time);
  const clockStartSec = stated ?? (firstSecs.length > 0 ? Math.min(...firstSecs) : 0);
  const startSec = Math.max(0, round((own?.firstSec ?? clockStartSec) - clockStartSec));
  const promisedSec = toNumber(stream.duration);
  // In a truncated file, the missing part counts as failed.
  const heldSec = own && isCutShort ? Math.max(own.heldSec, promisedSec ?? 0) : (own?.heldSec ?? null);
  const average = toRate(stream.avg_frame_rate);
  const base = toRate(stream.r_frame_rate);
  const fps = frameRate(average ?? base, own);

  return {
    path,
    ...(probed.span ? { span: probed.span } : {}),
    kind: "video",
    bytes: probed.bytes,
    container: format.format_name ?? "unknown",
    codec: stream.codec_name ?? "unknown",
    pixelFormat: stream.pix_fmt ?? null,
    width: isSideways ? codedHeight : shownWidth,
    height: isSideways ? shownWidth : codedHeight,
    durationSec: heldSec === null ? null : round(heldSec),
    fps,
    frameCount: own?.count ?? null,
    bitsPerPixel: own && (8 * own.bytes) / (framesOf(own, average, stream) * codedWidth * codedHeight),
    rotationDeg,
    isVariableFrameRate: isVariable({ average, base, isInterlaced: isInterlaced(stream) }),
    isHdr: /^(smpte2084|arib-std-b67)$/.test(stream.color_transfer ?? ""),
    hasAudio: probed.hasAudio,
    streamIndex: stream.index,
    video: {
      startSec,
      clockStartSec,
      isCutShort,
      lastSec: own && round(startSec + own.lastSec - own.firstSec),
      hasJumps: (own?.jumps ?? 0) > 0,
      pauses: own?.pauses ?? [],
      ignoresEditList,
      isInterlaced: isInterlaced(stream),
      colorMatrix: known(stream.color_space),
      colorTransfer: known(stream.color_transfer),
      colorPrimaries: known(stream.color_primaries),
      colorRange: known(stream.color_range),
    },
    warnings: headerWarnings(path, { ...probed, own, promisedSec }),
  };
}

function checkSize(path: string, { width = 0, height = 0 }: ProbedStream): void {
  if (width * height <= maxVideoPixels) return;
  const sentence = `Expected video of at most ${maxVideoPixels >> 20} megapixels a frame but ${path} has ${width} x ${height}: scale it down first.`;
  throw new TelltaleError("MEDIA_TOO_LARGE", sentence);
}

/** Warnings about differences between header and content. */
function headerWarnings(
  path: string,
  probed: {
    readonly isCutShort: boolean;
    readonly ignoresEditList: boolean;
    readonly own: StreamPackets | null;
    readonly promisedSec: number | null;
    readonly format: NonNullable<ProbedFile["format"]>;
    readonly packets: ReadonlyMap<number, StreamPackets>;
  },
): string[] {
  const { own, packets, format } = probed;
  if (probed.isCutShort) return [`${path} is cut short: its header describes more than the file contains.`];
  if (!own) return [];
  const warnings: string[] = [];
  if (probed.ignoresEditList) {
    warnings.push(
      `An edit list hides some of the ${own.count} frames of ${path}: all of them are read, and times count from the first.`,
    );
  }
  if (own.jumps > 0) {
    warnings.push(
      `The timestamps of ${path} jump ${own.jumps} times: its parts are read one after the other.`,
    );
  }
  // Streams without a header state no duration.
  if (probed.ignoresEditList || jumpingContainers.test(format.format_name ?? "")) return warnings;
  const endSec = Math.max(...[...packets.values()].map((one) => one.firstSec + one.heldSec));
  const startSec = Math.min(...[...packets.values()].map((one) => one.firstSec));
  // Some containers count the duration from 0, others from the first frame.
  const stated: readonly [number | null, readonly number[]] =
    probed.promisedSec === null
      ? [toNumber(format.duration), [endSec, endSec - startSec]]
      : [probed.promisedSec, [own.heldSec, own.firstSec + own.heldSec]];
  const [statedSec, heldSecs] = stated;
  const isFar = (held: number) => Math.abs(held - statedSec!) > Math.max(1, 0.05 * held);
  if (statedSec !== null && heldSecs.every(isFar)) {
    warnings.push(
      `The header of ${path} states a duration of ${statedSec.toFixed(1)} s, but it contains ${heldSecs[0]!.toFixed(1)} s, which are analysed.`,
    );
  }
  return warnings;
}

// The measured rate replaces a stated rate that is off by more than 20%; AVI with B-frames may state twice the rate.
function frameRate(stated: number | null, own: StreamPackets | null): number | null {
  if (!own || own.count < 10) return stated;
  const measured = own.count / own.heldSec;
  const pausesSec = own.pauses.reduce((sum, pause) => sum + pause.excessSec, 0);
  const isOff = stated === null || Math.abs(stated / measured - 1) > 0.2;
  return isOff && pausesSec === 0 ? Math.round(measured * 1000) / 1000 : stated;
}

// Some interlaced streams have one packet per field.
function framesOf(own: StreamPackets, fps: number | null, stream: ProbedStream): number {
  const isByField = isInterlaced(stream) && fps !== null && own.count / (own.heldSec * fps) > 1.8;
  return isByField ? own.count / 2 : own.count;
}

function round(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e6;
}

// The display matrix is a counterclockwise angle. Before ffmpeg 5, MOV files also had a clockwise tag.
function clockwiseRotation(stream: ProbedStream): number {
  const matrix = stream.side_data_list?.find((one) => one.rotation !== undefined)?.rotation;
  const degrees = matrix === undefined ? Number(stream.tags?.rotate ?? 0) : -matrix;
  const turned = ((Math.round(degrees) % 360) + 360) % 360;
  // For other angles ffmpeg rotates the picture within a frame of the same size.
  return turned % 90 === 0 ? turned : 0;
}

// Ratios beyond 16:1 come from damaged headers.
function pixelAspect(stream: ProbedStream): number {
  const [x, y] = (stream.sample_aspect_ratio ?? "1:1").split(":").map(Number);
  const aspect = (x ?? 1) / (y ?? 1);
  return aspect >= 1 / 16 && aspect <= 16 ? aspect : 1;
}

function isInterlaced(stream: ProbedStream): boolean {
  return stream.field_order !== undefined && !/^(progressive|unknown)$/.test(stream.field_order);
}

// r_frame_rate is the lowest rate that fits all timestamps. It equals the average rate for evenly spaced frames, and twice the
// average (the field rate) for interlaced streams.
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
