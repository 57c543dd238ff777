import { checkFile } from "./check-file.ts";
import { loadImage } from "./decode-image.ts";
import { imageFormat } from "./image-format.ts";
import { isCutShort } from "./mp4-boxes.ts";
import { probeVideo } from "./probe-video.ts";
import { refuseText } from "./refuse-text.ts";
import type { MediaInfo } from "./types.ts";

/** How to probe a file. */
export interface ProbeOptions {
  readonly signal?: AbortSignal;
  /** ffprobe is stopped after this long without output. Milliseconds; 30,000. */
  readonly timeoutMs?: number;
}

/**
 * What a file holds, told by its content and never by its name. An animated GIF is a video; of an animated WebP,
 * PNG or AVIF the first picture is read.
 *
 * @throws TelltaleError FILE_MISSING, FILE_EMPTY, FILE_UNREADABLE, IS_DIRECTORY, NOT_MEDIA, NO_VIDEO,
 * UNSUPPORTED_CONTAINER, MEDIA_TOO_LARGE, DECODE_FAILED, DECODE_TIMEOUT, FFMPEG_MISSING, ABORTED.
 */
export async function probe(path: string, options: ProbeOptions = {}): Promise<MediaInfo> {
  const { bytes, head } = await checkFile(path);
  const format = imageFormat(head);
  const pictures = format ? await probeImage(path, bytes) : null;
  if (pictures?.kind === "image") return pictures;
  if (format === null) refuseText({ path, head });
  return probeVideo(path, { ...options, bytes, head, isCutShort: await isCutShort(path, bytes) });
}

async function probeImage(path: string, bytes: number): Promise<MediaInfo | null> {
  const { format, metadata } = await loadImage(path);
  const pages = metadata.pages ?? 1;
  if (format === "gif" && pages > 1) return null;
  const orientation = metadata.orientation ?? 1;
  const isLyingDown = orientation >= 5;
  return {
    path,
    kind: "image",
    bytes,
    container: format,
    codec: metadata.compression ?? format,
    pixelFormat: `${metadata.space} ${metadata.depth}`,
    width: isLyingDown ? metadata.height : metadata.width,
    height: isLyingDown ? metadata.width : metadata.height,
    durationSec: null,
    fps: null,
    frameCount: 1,
    bitsPerPixel: null,
    // EXIF 2.3, tag 0x0112; the mirrored orientations (2, 4, 5, 7) also flip.
    rotationDeg: [0, 0, 0, 180, 180, 270, 90, 90, 270][orientation] ?? 0,
    isVariableFrameRate: false,
    isHdr: false,
    hasAudio: false,
    streamIndex: 0,
    video: null,
    warnings: pages > 1 ? [`${path} holds ${pages} pictures: only the first is read.`] : [],
  };
}
