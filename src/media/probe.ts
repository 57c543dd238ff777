import { checkFile } from "./check-file.ts";
import { laterContainers } from "./container-starts.ts";
import type { LoadedImage } from "./decode-image.ts";
import { type ByteSpan, findEmbedded, spansFrom } from "./embedded.ts";
import { imageFormat } from "./image-format.ts";
import { isCutShort } from "./mp4-boxes.ts";
import { probeVideo } from "./probe-video.ts";
import { refuseText } from "./refuse-text.ts";
import type { MediaInfo, NotAnalyzed, PartKind } from "./types.ts";

/** Options for {@link probe}. */
export interface ProbeOptions {
  readonly signal?: AbortSignal;
  /** ffprobe is killed after this time without output. Default 30,000. */
  readonly timeoutMs?: number;
}

/**
 * Probes a file by its content; the file name is not used. An animated GIF, PNG or AVIF is a video, an animated WebP is an
 * image with several frames.
 *
 * @throws TelltaleError FILE_MISSING, FILE_EMPTY, FILE_UNREADABLE, IS_DIRECTORY, NOT_MEDIA, NO_VIDEO,
 * UNSUPPORTED_CONTAINER, MEDIA_TOO_LARGE, DECODE_FAILED, DECODE_TIMEOUT, FFMPEG_MISSING, ABORTED.
 */
export async function probe(path: string, options: ProbeOptions = {}): Promise<MediaInfo> {
  const { bytes, head } = await checkFile(path);
  const format = imageFormat(head);
  const pictures = format ? await probeImage(path, bytes, options) : null;
  if (pictures?.kind === "image") return pictures;
  if (format === null) refuseText({ path, head });
  const later = await laterContainers(path, bytes);
  if (later.length === 0) {
    return probeVideo(path, { ...options, bytes, head, isCutShort: await isCutShort(path, bytes) });
  }
  // Concatenated files, of which ffmpeg and most players only show the first.
  const [own, ...spans] = spansFrom([0, ...later], bytes);
  const main = await probeVideo(path, { ...options, bytes, head, isCutShort: false, span: own });
  const { others = [], notAnalyzed = [], ...info } = main;
  const parts = new Parts(options.signal, others, notAnalyzed);
  for (const span of spans) await parts.addVideo(path, span, new Uint8Array(), options);
  return { ...info, ...parts.result() };
}

async function probeImage(path: string, bytes: number, options: ProbeOptions): Promise<MediaInfo | null> {
  const { loadImage } = await import("./decode-image.ts");
  const loaded = await loadImage(path);
  const { format, metadata } = loaded;
  const pages = metadata.pages ?? 1;
  if (format === "gif" && pages > 1) return null;
  if (format === "png" && isAnimatedPng(loaded.bytes)) return null;
  const info = describeImage(path, bytes, loaded);
  const isAnimation = format === "webp" && pages > 1;
  const delaysMs = metadata.delay ?? [];
  if (isAnimation) return { ...info, frameCount: pages, animation: { pages, delaysMs } };
  return { ...info, ...(await otherParts(info, loaded, options)) };
}

/** Limits the time per file; further parts are counted in `notAnalyzed`. */
const maxParts = 16;

/** Collects the parts of a file other than the main one. */
class Parts {
  readonly #signal: AbortSignal | undefined;
  readonly #others: MediaInfo[];
  readonly #notAnalyzed: NotAnalyzed[];

  constructor(
    signal?: AbortSignal,
    others: readonly MediaInfo[] = [],
    notAnalyzed: readonly NotAnalyzed[] = [],
  ) {
    this.#signal = signal;
    this.#others = [...others];
    this.#notAnalyzed = [...notAnalyzed];
  }

  async add(what: PartKind, read: () => MediaInfo | Promise<MediaInfo>): Promise<void> {
    try {
      if (this.#others.length >= maxParts) throw new Error("too many parts");
      const { others: inner = [], ...part } = await read();
      this.#others.push({ ...part, what }, ...inner);
    } catch (error) {
      if (this.#signal?.aborted) throw error;
      this.#notAnalyzed.push({ what, count: 1, seconds: null });
    }
  }

  /** @param head first bytes of the clip */
  addVideo(path: string, span: ByteSpan, head: Uint8Array, options: ProbeOptions): Promise<void> {
    const bytes = span.end - span.start;
    return this.add("embedded-video", () =>
      probeVideo(path, { ...options, bytes, head, isCutShort: false, span }),
    );
  }

  result(): Pick<MediaInfo, "others" | "notAnalyzed"> {
    return {
      ...(this.#others.length > 0 ? { others: this.#others } : {}),
      ...(this.#notAnalyzed.length > 0 ? { notAnalyzed: this.#notAnalyzed } : {}),
    };
  }
}

/** Further pages and embedded media of an image file. */
async function otherParts(
  info: MediaInfo,
  { bytes, metadata }: LoadedImage,
  options: ProbeOptions,
): Promise<Pick<MediaInfo, "others" | "notAnalyzed">> {
  const { videos, pictures } = findEmbedded(bytes);
  const parts = new Parts(options.signal);
  for (let page = 1; page < (metadata.pages ?? 1); page++)
    await parts.add("picture", () => ({ ...info, page }));
  const { loadImage } = await import("./decode-image.ts");
  for (const span of pictures) {
    await parts.add("picture", async () => {
      const part = await loadImage(bytes.subarray(span.start, span.end));
      return { ...describeImage(info.path, info.bytes, part), span };
    });
  }
  for (const span of videos) {
    await parts.addVideo(info.path, span, bytes.subarray(span.start, span.start + 64), options);
  }
  return parts.result();
}

// The animation control chunk comes before the image data (PNG, third edition, 11.3.6).
function isAnimatedPng(bytes: Buffer): boolean {
  for (let at = 8; at + 8 <= bytes.length; at += 12 + bytes.readUInt32BE(at)) {
    const type = bytes.toString("latin1", at + 4, at + 8);
    if (type === "acTL") return true;
    if (type === "IDAT") return false;
  }
  return false;
}

function describeImage(path: string, bytes: number, { format, metadata }: LoadedImage): MediaInfo {
  const orientation = metadata.orientation ?? 1;
  const isSideways = orientation >= 5;
  return {
    path,
    kind: "image",
    bytes,
    container: format,
    codec: metadata.compression ?? format,
    pixelFormat: `${metadata.space} ${metadata.depth}`,
    width: isSideways ? metadata.height : metadata.width,
    height: isSideways ? metadata.width : metadata.height,
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
    warnings: [],
  };
}
