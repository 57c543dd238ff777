/** File in, frames out: ffprobe and ffmpeg for video, sharp for images. */

export { allFrames } from "./all-frames.ts";
export { type DecodeImageOptions, decodeImage } from "./decode-image.ts";
export { blurPicture, encodeJpeg, encodePng, type JpegOptions, resizePicture } from "./encode-image.ts";
export { type Overlay, overlaySize, overlayVideo, recompress } from "./encode-video.ts";
export { type Fingerprint, fingerprint } from "./fingerprint.ts";
export { frames } from "./frames.ts";
export { type JpegHeader, readJpegHeader } from "./jpeg-header.ts";
export { liveChildren } from "./live-children.ts";
export { type FfmpegLocation, locateFfmpeg } from "./locate-ffmpeg.ts";
export { overlayPicture } from "./overlay-picture.ts";
export { type ProbeOptions, probe } from "./probe.ts";
export { quickRefusal } from "./quick-refusal.ts";
export type { Picture } from "./raw-pictures.ts";
export { type MediaTag, readTags } from "./read-tags.ts";
export type {
  Frame,
  FrameOptions,
  FrameStream,
  MediaInfo,
  NotAnalyzed,
  PartKind,
  VideoDetails,
} from "./types.ts";
export { type VideoPictures, writeVideo } from "./write-video.ts";
