import { resolve } from "node:path";
import type { ByteSpan } from "./embedded.ts";

/**
 * Allowed demuxers. Formats that reference other files or addresses (hls, dash, concat, image2, sdp, imf, lavfi) are not
 * allowed, because a crafted file could make ffmpeg read `/etc/passwd` or contact a server. Raw streams have no signature and
 * are not allowed either.
 */
const allowedDemuxers = [
  "mov",
  "matroska",
  "avi",
  "mpegts",
  "mpeg",
  "flv",
  "ogg",
  "asf",
  "mxf",
  "ivf",
  "gif",
  "apng",
  "yuv4mpegpipe",
] as const;

/** 8192 x 8192; 8K video has half of that. One RGB frame takes 200 MB. */
export const maxVideoPixels = 1 << 26;

/** 200-megapixel phone cameras produce 16320 x 12240. sharp scales while reading, so this is never in memory. */
export const maxImagePixels = 200_000_000;

/** Still images are read into memory before decoding. */
export const maxImageBytes = 512 << 20;

/** The default of ffmpeg is 1000; each stream takes memory. */
const maxStreams = 64;

/**
 * Input arguments that prevent ffmpeg and ffprobe from opening other files. External references of mov are off by default
 * (`-enable_drefs 0`).
 */
const formatGuards = ["-format_whitelist", allowedDemuxers.join(","), "-max_streams", String(maxStreams)];

/** Input options and URL of a file for ffmpeg and ffprobe. */
export function mediaInput(info: {
  readonly path: string;
  readonly span?: ByteSpan | undefined;
  readonly video?: { readonly ignoresEditList: boolean } | null;
}): { readonly options: readonly string[]; readonly url: string } {
  const { span } = info;
  const options = [
    ...["-protocol_whitelist", span ? "file,pipe,subfile" : "file,pipe"],
    ...formatGuards,
    ...(info.video?.ignoresEditList ? ["-ignore_editlist", "1"] : []),
  ];
  const url = inputUrl(info.path);
  return { options, url: span ? `subfile,,start,${span.start},end,${span.end},,:${url}` : url };
}

/** URL of a path, so that ffmpeg does not interpret characters such as `-`, `:` or `%`. */
export function inputUrl(path: string): string {
  return `file:${resolve(path)}`;
}
