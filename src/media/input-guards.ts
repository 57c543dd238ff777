import { resolve } from "node:path";
import type { ByteSpan } from "./embedded.ts";

/**
 * Demuxers that hold media of their own, by ffmpeg's names. Left out on purpose: playlists and anything else that
 * names other files or addresses (hls, dash, concat, image2, sdp, imf, lavfi), since a crafted file of that kind
 * makes ffmpeg read `/etc/passwd` or call a server; and raw streams, which have no signature to know them by.
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

/** A picture of 8192 x 8192; 8K video has half of that. One RGB frame of it takes 200 MB. */
export const maxVideoPixels = 1 << 26;

/** Phones with 200-megapixel cameras make 16320 x 12240. sharp scales while it reads, so this is never in memory. */
export const maxImagePixels = 200_000_000;

/** A still image is read into memory before it is decoded. */
export const maxImageBytes = 512 << 20;

/** ffmpeg's own limit is 1000; each costs memory. */
const maxStreams = 64;

/**
 * Input arguments of ffmpeg and ffprobe that keep a file from reaching anything but itself.
 *
 * mov's external references stay off by ffmpeg's default (`-enable_drefs 0`).
 */
const formatGuards = ["-format_whitelist", allowedDemuxers.join(","), "-max_streams", String(maxStreams)];

/** How ffmpeg and ffprobe open the file of `info`: the options before its address, and the address. */
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

/** `path` so that ffmpeg takes it literally, whatever it begins with (`-`) or holds (`:`, `%`). */
export function inputUrl(path: string): string {
  return `file:${resolve(path)}`;
}
