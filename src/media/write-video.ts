import { inputUrl } from "./input-guards.ts";
import { locateFfmpeg } from "./locate-ffmpeg.ts";
import { runEncoder } from "./run-encoder.ts";

/** Options for {@link writeVideo}. */
export interface VideoPictures {
  /** Even, as H.264 with 4:2:0 requires. */
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  /** RGB uint8 [height, width, 3] each. */
  readonly pictures: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  readonly signal?: AbortSignal;
}

/**
 * Writes pictures as H.264 in MP4, one picture at a time.
 *
 * @throws TelltaleError `ENCODE_FAILED`, `DECODE_TIMEOUT`, `ABORTED`, `FFMPEG_MISSING`
 */
export async function writeVideo(outPath: string, video: VideoPictures): Promise<void> {
  const { ffmpegPath } = await locateFfmpeg();
  const { width, height, fps, pictures, signal } = video;
  const input = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", `${width}x${height}`, "-r", String(fps)];
  const encoder = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "18", "-pix_fmt", "yuv420p"];
  await runEncoder({
    ffmpegPath,
    mediaPath: outPath,
    args: [
      ...[...input, "-i", "pipe:0", "-an", ...encoder],
      ...["-movflags", "+faststart", "-f", "mp4", inputUrl(outPath)],
    ],
    input: pictures,
    signal,
    failure: (why) =>
      `Expected ffmpeg to write ${outPath} but it failed (${why}); check that the folder is there, that the disk has room and that \`ffmpeg -encoders\` lists libx264.`,
  });
}
