import { decodeImage, frames, type Picture, probe } from "../media/index.ts";

/** A media file of an index. */
export interface PictureSource {
  readonly path: string;
  readonly isVideo: boolean;
  /** ffmpeg filter from the index; empty for none. */
  readonly filter: string;
}

/**
 * Decodes an image, or frames spread over the length of a video.
 *
 * @throws TelltaleError as `probe`, `frames` and `decodeImage`
 */
export async function* readPictures(
  { path, isVideo, filter }: PictureSource,
  framesPerVideo: number,
): AsyncGenerator<Picture> {
  if (!isVideo) yield await decodeImage(path);
  else {
    const view = filter === "" ? {} : { filter };
    yield* frames(await probe(path), { frames: framesPerVideo, ...view });
  }
}
