import { TelltaleError } from "../errors.ts";

/**
 * Rejects playlists, markup and other text before ffprobe is started. Some versions of ffprobe do not recognise a playlist with
 * another file extension.
 *
 * @param file.head first bytes
 * @throws TelltaleError UNSUPPORTED_CONTAINER for a list, NOT_MEDIA for markup (SVG, DASH, SMIL, HTML) and texts.
 */
export function refuseText(file: { readonly path: string; readonly head: Uint8Array }): void {
  const { path } = file;
  const text = Buffer.from(file.head)
    .toString("utf8")
    .replace(/^[\s\u{feff}]+/u, "");
  if (text.startsWith("#EXTM3U")) throw listError(path, "hls");
  if (text.startsWith("ffconcat ")) throw listError(path, "concat");
  if (text.startsWith("<")) {
    const sentence = `Expected a video or an image but ${path} is markup (XML, SVG or HTML): give the video itself, or save a drawing as PNG.`;
    throw new TelltaleError("NOT_MEDIA", sentence);
  }
  // YUV4MPEG2 is the only container with a text header.
  if (isText(file.head) && !text.startsWith("YUV4MPEG2 ")) throw notMediaError(path);
}

/** Whether bytes are UTF-8 without control characters. */
function isText(head: Uint8Array): boolean {
  if (head.some((byte) => byte < 9 || (byte > 13 && byte < 32) || byte === 127)) return false;
  try {
    // As a stream, because the last character may be incomplete.
    new TextDecoder("utf-8", { fatal: true }).decode(head, { stream: true });
    return true;
  } catch {
    return false;
  }
}

/** Error for a file that is neither a video nor an image. */
export function notMediaError(path: string, cause?: Error): TelltaleError {
  const sentence = `Expected a video or an image but ${path} is neither, or damaged from its start: check that it plays.`;
  return new TelltaleError("NOT_MEDIA", sentence, cause && { cause });
}

/** Error for a playlist. @param kind name of the format in ffmpeg */
export function listError(path: string, kind: string, cause?: Error): TelltaleError {
  const sentence = `Expected a file with video of its own but ${path} is a list that names other files (${kind}), which is never followed: give the video itself.`;
  return new TelltaleError("UNSUPPORTED_CONTAINER", sentence, { cause });
}
