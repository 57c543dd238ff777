import type { ByteSpan } from "./embedded.ts";
import type { Pause } from "./packet-scan.ts";

/** Properties of a media file, in upright display orientation. */
export interface MediaInfo {
  /** Path as given by the caller. */
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
  /** Seconds of video, measured from the packets; null for still images and without timestamps. */
  readonly durationSec: number | null;
  /** Average frames per second; null for still images. */
  readonly fps: number | null;
  /** Number of frames; null without timestamps. */
  readonly frameCount: number | null;
  /** Bits of video per pixel and frame; null for still images and without packets. */
  readonly bitsPerPixel: number | null;
  /** Clockwise rotation in degrees from the stored to the upright picture: 0, 90, 180 or 270. */
  readonly rotationDeg: number;
  readonly isVariableFrameRate: boolean;
  readonly isHdr: boolean;
  readonly hasAudio: boolean;
  /** Absolute index of the video stream that is read (several streams: the default one, then the largest). */
  readonly streamIndex: number;
  /** Details for decoding; null for still images. */
  readonly video: VideoDetails | null;
  /** One sentence each, e.g. that the file is cut short. */
  readonly warnings: readonly string[];
  /** Byte range of this part; undefined for the whole file. */
  readonly span?: ByteSpan;
  /** Page of this part, 0-based; undefined for the first. */
  readonly page?: number;
  /** Animation that is decoded by sharp; undefined for a single picture. */
  readonly animation?: { readonly pages: number; readonly delaysMs: readonly number[] };
  /** Kind of part; undefined for the main part. */
  readonly what?: PartKind;
  /** Further parts of the file, each like a separate file. */
  readonly others?: readonly MediaInfo[];
  /** Parts that cannot be read. */
  readonly notAnalyzed?: readonly NotAnalyzed[];
}

/** Parts besides the main one: a further video track, a clip in an image file, a further picture. */
export type PartKind = "video-track" | "embedded-video" | "picture";

/** Something in a file that was not analysed. */
export interface NotAnalyzed {
  readonly what: PartKind | "end-of-video" | "face";
  readonly count: number;
  /** Seconds of video; null if unknown or not a video. */
  readonly seconds: number | null;
}

/** Details of a video stream for decoding. */
export interface VideoDetails {
  /** Time of the first frame in seconds from the start of the file; usually 0. */
  readonly startSec: number;
  /** Timestamp of the start of the file in seconds; in TS rarely 0. */
  readonly clockStartSec: number;
  /** Whether the file is truncated. */
  readonly isCutShort: boolean;
  /** Time of the last frame in seconds from the start of the file, with discontinuities removed; null if unknown. */
  readonly lastSec: number | null;
  /** Whether timestamps are discontinuous, so that seeking is not possible. */
  readonly hasJumps: boolean;
  /** Long intervals without frames, which sampling shortens. */
  readonly pauses: readonly Pause[];
  /** Whether frames hidden by an edit list are read too. */
  readonly ignoresEditList: boolean;
  /** Whether the stream is marked as interlaced. */
  readonly isInterlaced: boolean;
  /** Colour tags as ffmpeg names them (`bt709`, `smpte2084`, `tv` ...); null without a tag. */
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
  /** Part of the file: 0 or undefined is the main part. */
  readonly part?: number;
  /** RGB uint8 [height, width, 3], row-major, sRGB. */
  readonly data: Uint8Array;
}

/** Options for {@link frames}. */
export interface FrameOptions {
  /** Number of frames, at the mid-points of equal intervals. Integer, 1 to 100,000. Default 32. */
  readonly frames?: number;
  /** Frames per second instead of a number of frames; above 0, at most 240. Excludes `frames`. */
  readonly fps?: number;
  /** Larger pictures are scaled down to this long side in pixels. Integer, 16 to 16,384. Default 1920. */
  readonly maxSidePx?: number;
  /** ffmpeg filters for the upright picture before it is scaled down, e.g. `crop=256:256:0:0`. */
  readonly filter?: string;
  /** The decoder is killed after this time without output (DECODE_TIMEOUT). Default 30,000. */
  readonly timeoutMs?: number;
  /** An abort kills the decoder; the loop over the frames then throws ABORTED. */
  readonly signal?: AbortSignal;
}

/**
 * Lazily decoded frames of one file. Can be iterated once; leaving the loop kills the decoder.
 *
 * `warnings` and `framesFailed` are complete after the loop.
 */
export interface FrameStream extends AsyncIterable<Frame> {
  /** Number of requested frames; null before the first frame if the duration is unknown. */
  readonly framesExpected: number | null;
  /** Number of requested frames that could not be decoded. */
  readonly framesFailed: number;
  /** What was not analysed; complete after the loop. */
  readonly notAnalyzed: readonly NotAnalyzed[];
  /** One sentence each. */
  readonly warnings: readonly string[];
}
