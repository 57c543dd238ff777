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
import { copyPrefix } from "./left-copies.ts";

/** Makes another picture of a frame; the frame's own pixels stay as they are. */
export type FrameChange = (frame: Frame) => Promise<Frame>;

/** As JPEG of this quality (1 to 100), colour at half resolution. */
export function asJpeg(quality: number): FrameChange {
  return async (frame) => {
    const { data } = await decodeImage(Buffer.from(await encodeJpeg(frame, { quality })), {
      maxSidePx: Math.max(frame.width, frame.height),
    });
    return { ...frame, data };
  };
}

/** Both sides times `factor`, at least one pixel. */
export function scaledBy(factor: number): FrameChange {
  return async (frame) => {
    const side = (px: number) => Math.max(1, Math.round(px * factor));
    return {
      ...frame,
      ...(await resizePicture(frame, { width: side(frame.width), height: side(frame.height) })),
    };
  };
}

/** Its long side made this many pixels long, larger or smaller. */
export function scaledTo(longSidePx: number): FrameChange {
  return (frame) => scaledBy(longSidePx / Math.max(frame.width, frame.height))(frame);
}

/**
 * Does something with a copy of the file in H.264, which is removed afterwards.
 *
 * @param options.crf x264's constant rate factor, 0 (lossless) to 51 (worst)
 * @param options.filter applied before compression, so that the copy is to be read without it
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
