import { TelltaleError } from "../errors.ts";

/**
 * Refuses what begins like a list of files or like markup before ffprobe sees it: not every version of ffprobe knows
 * such a file when its name says otherwise.
 *
 * @param file.head first bytes
 * @throws TelltaleError UNSUPPORTED_CONTAINER for a list, NOT_MEDIA for markup (SVG, DASH, SMIL, HTML).
 */
export function refuseText(file: { readonly path: string; readonly head: Uint8Array }): void {
  const { path } = file;
  const text = Buffer.from(file.head)
    .toString("utf8")
    .replace(/^[\s\u{feff}]+/u, "");
  if (text.startsWith("#EXTM3U")) throw listError(path, "hls");
  if (text.startsWith("ffconcat ")) throw listError(path, "concat");
  if (!text.startsWith("<")) return;
  const sentence = `Expected a video or an image but ${path} is markup (XML, SVG or HTML): give the video itself, or save a drawing as PNG.`;
  throw new TelltaleError("NOT_MEDIA", sentence);
}

/** The error for a file that names other files. @param kind ffmpeg's name for it */
export function listError(path: string, kind: string, cause?: Error): TelltaleError {
  const sentence = `Expected a file with video of its own but ${path} is a list that names other files (${kind}), which is never followed: give the video itself.`;
  return new TelltaleError("UNSUPPORTED_CONTAINER", sentence, { cause });
}
