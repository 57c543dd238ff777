import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  decodeImage,
  encodeJpeg,
  type Frame,
  type MediaInfo,
  probe,
  recompress,
  resizePicture,
} from "../media/index.ts";
import { copyPrefix } from "./stale-copies.ts";

/** Returns a perturbed frame; does not change its input. */
export type FramePerturbation = (frame: Frame) => Promise<Frame>;

/** JPEG compression with 4:2:0 subsampling. @param quality 1 to 100 */
export function asJpeg(quality: number): FramePerturbation {
  return async (frame) => {
    const { data } = await decodeImage(Buffer.from(await encodeJpeg(frame, { quality })), {
      maxSidePx: Math.max(frame.width, frame.height),
    });
    return { ...frame, data };
  };
}

/** Scales both sides by `factor`, to at least one pixel. */
export function scaledBy(factor: number): FramePerturbation {
  return async (frame) => {
    const side = (px: number) => Math.max(1, Math.round(px * factor));
    return {
      ...frame,
      ...(await resizePicture(frame, { width: side(frame.width), height: side(frame.height) })),
    };
  };
}

/** Scales the longer side to a number of pixels. */
export function scaledTo(longSidePx: number): FramePerturbation {
  return (frame) => scaledBy(longSidePx / Math.max(frame.width, frame.height))(frame);
}

/**
 * Calls a function with a temporary H.264 copy of the file.
 *
 * @param options.crf x264's constant rate factor, 0 (lossless) to 51 (worst)
 * @param options.filter ffmpeg filter, applied before compression
 * @throws TelltaleError as `recompress` and `probe`
 */
export async function withH264Copy<Result>(
  info: MediaInfo,
  options: {
    readonly crf: number;
    readonly filter?: string | undefined;
    readonly signal?: AbortSignal | undefined;
  },
  use: (copy: MediaInfo) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), `${copyPrefix}${process.pid}-`));
  try {
    const path = join(folder, "recompressed.mp4");
    await recompress(info, path, options);
    return await use(await probe(path, options.signal ? { signal: options.signal } : {}));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
