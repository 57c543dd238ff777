import { TelltaleError } from "../errors.ts";
import { listError, notMediaError } from "./refuse-text.ts";

const soundDemuxers =
  /^(aac|ac3|aiff|amr|amrnb|amrwb|ape|au|caf|dsf|dts|dtshd|eac3|flac|mp3|mpc|mpc8|opus|tak|truehd|tta|w64|wav|wv)$/;
const listDemuxers = /^(hls|dash|concat|sdp|rtsp|imf|ffmetadata|webm_dash_manifest)$/;
const imageDemuxers = /^(\w+_pipe|ico|fits|apng)$/;
/** `tty` and `image2` are guesses by the file extension (.txt, .png); the others are subtitles. */
const textDemuxers =
  /^(tty|image2|srt|ass|webvtt|lrc|microdvd|mpl2|pjs|sami|stl|subviewer1?|vplayer|realtext|jacosub|aqtitle)$/;

/**
 * Translates an error of ffprobe.
 *
 * @param file.head first bytes, because ffprobe also considers the file name
 */
export function probeError(file: { path: string; head: Uint8Array }, stderr: string): TelltaleError {
  const { path } = file;
  const cause = new Error(stderr.trim().split("\n").at(-1) ?? "");
  const refused = /\[(\S+) @ [^\]]*\] Format not on whitelist/.exec(stderr)?.[1]?.split(",")[0];
  if (refused && soundDemuxers.test(refused)) {
    const sentence = `Expected a video or an image but ${path} holds only sound: give a file with a picture.`;
    return new TelltaleError("NO_VIDEO", sentence, { cause });
  }
  if (refused && listDemuxers.test(refused)) return listError(path, refused, cause);
  if (refused && imageDemuxers.test(refused)) {
    const sentence = `Expected a JPEG, PNG, WebP, AVIF, GIF or TIFF image but ${path} is of another format (${refused}): save it as one of them.`;
    return new TelltaleError("UNSUPPORTED_CONTAINER", sentence, { cause });
  }
  if (refused && !textDemuxers.test(refused)) {
    const sentence = `Expected MP4, MOV, MKV, WebM, AVI, TS, MPEG, FLV, OGG, ASF, MXF or GIF but ${path} is of another kind (${refused}): convert it to MP4.`;
    return new TelltaleError("UNSUPPORTED_CONTAINER", sentence, { cause });
  }
  if (/moov atom not found/.test(stderr) && /^(ftyp|moov|mdat|wide|free|skip)$/.test(fourCc(file.head))) {
    const sentence = `Expected a complete MP4 but ${path} has lost its index (moov), so nothing of it can be decoded: copy or download it again.`;
    return new TelltaleError("DECODE_FAILED", sentence, { cause });
  }
  return notMediaError(path, cause);
}

function fourCc(head: Uint8Array): string {
  return Buffer.from(head.subarray(4, 8)).toString("latin1");
}
