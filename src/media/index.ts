/** File in, frames out: ffprobe and ffmpeg for video, sharp for images. */
export { type DecodeImageOptions, decodeImage } from "./decode-image.ts";
export { type Fingerprint, fingerprint } from "./fingerprint.ts";
export { frames } from "./frames.ts";
export { liveChildren } from "./live-children.ts";
export { type FfmpegLocation, locateFfmpeg } from "./locate-ffmpeg.ts";
export { type ProbeOptions, probe } from "./probe.ts";
export type { Frame, FrameOptions, FrameStream, MediaInfo, VideoDetails } from "./types.ts";
