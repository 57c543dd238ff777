import type { ByteSpan } from "./embedded.ts";
import type { Pause } from "./packet-scan.ts";

/** What ffprobe (or sharp, for a still image) says of a file, in upright display orientation. */
export interface MediaInfo {
  /** Path as the caller gave it. */
  readonly path: string;
  readonly kind: "video" | "image";
  readonly bytes: number;
  /** Demuxer or image format, e.g. `mov,mp4,m4a,3gp,3g2,mj2` or `jpeg`. */
  readonly container: string;
  /** Video codec or image format, e.g. `h264`. */
  readonly codec: string;
  readonly pixelFormat: string | null;
  /** Upright display width and height in pixels (rotation and sample aspect ratio applied). */
  readonly width: number;
  readonly height: number;
  /** Seconds of video that the file holds, whatever its header says; null for still images and without a timestamp. */
  readonly durationSec: number | null;
  /** Average frames per second; null for still images. */
  readonly fps: number | null;
  /** Number of frames that the file holds; null without a timestamp. */
  readonly frameCount: number | null;
  /** Bits of video for each pixel of each frame, counted; null for still images and without a packet. */
  readonly bitsPerPixel: number | null;
  /** Clockwise rotation in degrees that was applied to reach the upright picture: 0, 90, 180 or 270. */
  readonly rotationDeg: number;
  readonly isVariableFrameRate: boolean;
  readonly isHdr: boolean;
  readonly hasAudio: boolean;
  /** Absolute index of the video stream that is read (several streams: the default one, then the largest). */
  readonly streamIndex: number;
  /** How the video stream has to be read; null for still images. */
  readonly video: VideoDetails | null;
  /** One sentence each, e.g. that the file is cut short. */
  readonly warnings: readonly string[];
  /** What the file is to `frames`: its bytes from here to there; undefined for all of them. */
  readonly span?: ByteSpan;
  /** Which picture of several, 0-based; undefined for the first. */
  readonly page?: number;
  /** Pictures of an animation that sharp reads; undefined for one. */
  readonly animation?: { readonly pages: number; readonly delaysMs: readonly number[] };
  /** What this is of the file; undefined for the main part. */
  readonly what?: PartKind;
  /** Everything else in the file that `frames` can read, each as if it were a file of its own. */
  readonly others?: readonly MediaInfo[];
  /** What of the file cannot be read. */
  readonly notAnalyzed?: readonly NotAnalyzed[];
}

/** What a file may hold besides its main part: a further video track, a clip in a picture's file, a further picture. */
export type PartKind = "video-track" | "embedded-video" | "picture";

/** Something in a file that was not looked at. */
export interface NotAnalyzed {
  readonly what: PartKind | "end-of-video" | "face";
  readonly count: number;
  /** Seconds of video; null where it is no video or has no known length. */
  readonly seconds: number | null;
}

/** What the decoder needs to know of a video stream beyond its size. */
export interface VideoDetails {
  /** When the first frame is shown, in seconds from the start of the file; often 0. */
  readonly startSec: number;
  /** Timestamp of the file's start on its own clock, in seconds: a TS rarely starts at 0. */
  readonly clockStartSec: number;
  /** Whether the file ends before its header says. */
  readonly isCutShort: boolean;
  /** When the last frame is shown, in seconds from the start of the file, over all jumps of the clock; null if unknown. */
  readonly lastSec: number | null;
  /** Whether the clock jumps on the way, so that a time names no single place in the file. */
  readonly hasJumps: boolean;
  /** Long stretches without a frame, which count less than they last. */
  readonly pauses: readonly Pause[];
  /** Whether frames that an edit list hides are read too. */
  readonly ignoresEditList: boolean;
  /** Whether the stream says that its frames are made of two fields. */
  readonly isInterlaced: boolean;
  /** Colour tags as ffmpeg names them (`bt709`, `smpte2084`, `tv` ...); null where the stream is silent. */
  readonly colorMatrix: string | null;
  readonly colorTransfer: string | null;
  readonly colorPrimaries: string | null;
  readonly colorRange: string | null;
}

/** A picture in memory. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  /** RGB uint8 [height, width, 3], row-major. */
  readonly data: Uint8Array;
}

/** One decoded, upright picture. */
export interface Frame {
  /** Position in the sample, 0-based and consecutive. */
  readonly index: number;
  /** Presentation time in seconds from the start of the video; 0 for a still image. */
  readonly timeSec: number;
  readonly width: number;
  readonly height: number;
  /** Which part of the file: 0 or undefined is the main one, others count from 1. */
  readonly part?: number;
  /** RGB uint8 [height, width, 3], row-major, sRGB. */
  readonly data: Uint8Array;
}

/** Which frames of a file are wanted, and how. */
export interface FrameOptions {
  /** How many frames, spread evenly: the mid-points of as many equal intervals. Whole number, 1 to 100,000; 32. */
  readonly frames?: number;
  /** Frames per second of video instead of a number of frames; above 0, at most 240. Excludes `frames`. */
  readonly fps?: number;
  /** Longer pictures are scaled down to this many pixels on the long side. Whole number, 16 to 16,384; 1920. */
  readonly maxSidePx?: number;
  /** ffmpeg filters for the upright picture before it is scaled down, e.g. `crop=256:256:0:0`. */
  readonly filter?: string;
  /** A decoder that shows no sign of life for this long is stopped: DECODE_TIMEOUT. Milliseconds; 30,000. */
  readonly timeoutMs?: number;
  /** Aborting stops the decoder; the loop over the frames then throws ABORTED. */
  readonly signal?: AbortSignal;
}

/**
 * The frames of one file, decoded while they are read. Can be read once; leaving the loop stops the decoder.
 *
 * `warnings` and `framesFailed` are complete once the loop has ended.
 */
export interface FrameStream extends AsyncIterable<Frame> {
  /** How many frames were asked of the file; null before the first frame where the container hides its length. */
  readonly framesExpected: number | null;
  /** Frames that were asked for and could not be decoded. */
  readonly framesFailed: number;
  /** What was not looked at; complete once the loop has ended. */
  readonly notAnalyzed: readonly NotAnalyzed[];
  /** One sentence each. */
  readonly warnings: readonly string[];
}
