/** File in, frames out: ffprobe and ffmpeg for video, sharp for images. */

export { decodeImage } from "./decode-image.ts";
export { blurPicture, encodeJpeg, encodePng, resizePicture } from "./encode-image.ts";
export { overlaySize, overlayVideo, recompress } from "./encode-video.ts";
export { type Fingerprint, fingerprint } from "./fingerprint.ts";
export { frames } from "./frames.ts";
export { readJpegHeader } from "./jpeg-header.ts";
export { liveChildren } from "./live-children.ts";
export { locateFfmpeg } from "./locate-ffmpeg.ts";
export { overlayPicture } from "./overlay-picture.ts";
export { probe } from "./probe.ts";
export { quickRefusal } from "./quick-refusal.ts";

export type {
  Frame,
  FrameOptions,
  FrameStream,
  MediaInfo,
  NotAnalyzed,
  PartKind,
  Picture,
} from "./types.ts";
export { writeVideo } from "./write-video.ts";
