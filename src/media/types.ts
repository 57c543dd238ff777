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
  /** Seconds; null for still images and where the container does not say. */
  readonly durationSec: number | null;
  /** Average frames per second; null for still images. */
  readonly fps: number | null;
  /** Number of frames; null where the container does not say. */
  readonly frameCount: number | null;
  /** Clockwise rotation in degrees that was applied to reach the upright picture: 0, 90, 180 or 270. */
  readonly rotationDeg: number;
  readonly isVariableFrameRate: boolean;
  readonly isHdr: boolean;
  readonly hasAudio: boolean;
  /** Absolute index of the video stream that is read (several streams: the default one, then the largest). */
  readonly streamIndex: number;
  /** One sentence each, e.g. that the file is cut short. */
  readonly warnings: readonly string[];
}

/** One decoded, upright picture. */
export interface Frame {
  /** Position in the sample, 0-based and consecutive. */
  readonly index: number;
  /** Presentation time in seconds from the start of the video; 0 for a still image. */
  readonly timeSec: number;
  readonly width: number;
  readonly height: number;
  /** RGB uint8 [height, width, 3], row-major, sRGB. */
  readonly data: Uint8Array;
}
