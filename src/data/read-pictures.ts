import { decodeImage, frames, type Picture, probe } from "../media/index.ts";

/** Where an item's pictures come from. */
export interface PictureSource {
  readonly path: string;
  readonly isVideo: boolean;
  /** ffmpeg filter of the index; empty for none. */
  readonly filter: string;
}

/**
 * The picture, or frames of the video, spread over its length.
 *
 * @throws TelltaleError as `probe`, `frames` and `decodeImage` do
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
