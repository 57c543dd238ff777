import { TelltaleError } from "../errors.ts";

/** What ffprobe's complaint means for the person whose file it is. */
export function probeError(path: string, stderr: string): TelltaleError {
  const cause = new Error(lastLine(stderr));
  const refused = /\[(\S+) @ [^\]]*\] Format not on whitelist/.exec(stderr)?.[1];
  if (refused) {
    const sentence = `Expected a container with video of its own (MP4, MOV, MKV, WebM, AVI, TS ...) but ${path} is of the kind ffmpeg calls ${refused}, which is refused: convert it to MP4 first.`;
    return new TelltaleError("UNSUPPORTED_CONTAINER", sentence, { cause });
  }
  if (/moov atom not found/.test(stderr)) {
    const sentence = `Expected a complete MP4 but ${path} has lost its index (moov), so nothing of it can be decoded: copy or download it again.`;
    return new TelltaleError("DECODE_FAILED", sentence, { cause });
  }
  const sentence = `Expected a video or an image but ${path} is neither, or damaged from its start: check that it plays.`;
  return new TelltaleError("NOT_MEDIA", sentence, { cause });
}

function lastLine(stderr: string): string {
  return stderr.trim().split("\n").at(-1) ?? "";
}
