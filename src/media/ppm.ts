/** A picture as ffmpeg's `ppm` encoder writes it: a short header, then RGB uint8 [height, width, 3]. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** "P6\n" + two sizes + "\n255\n" with room to spare. */
const maxHeaderBytes = 64;

/**
 * Cuts a stream of concatenated PPM pictures into pictures. Holds one at a time; what is cut short is dropped.
 *
 * PPM rather than bare RGB since each picture then tells its own size, whatever filters it went through.
 */
export async function* readPictures(chunks: AsyncIterable<Buffer>): AsyncGenerator<Picture> {
  let header = Buffer.alloc(0);
  let picture: Picture | null = null;
  let filled = 0;
  for await (const chunk of chunks) {
    let at = 0;
    while (at < chunk.length) {
      if (!picture) {
        // A header can straddle two chunks, so it is gathered first.
        const before = header.length;
        header = Buffer.concat([header, chunk.subarray(at, at + maxHeaderBytes - before)]);
        const match = /^P6\s(\d+)\s(\d+)\s255\s/.exec(header.toString("latin1"));
        if (!match) {
          if (header.length >= maxHeaderBytes)
            throw new Error("ffmpeg gave something other than PPM pictures");
          break;
        }
        const [width, height] = [Number(match[1]), Number(match[2])];
        picture = { width, height, data: new Uint8Array(width * height * 3) };
        at += match[0].length - before;
        filled = 0;
        header = Buffer.alloc(0);
      }
      const part = chunk.subarray(at, at + picture.data.length - filled);
      picture.data.set(part, filled);
      filled += part.length;
      at += part.length;
      if (filled === picture.data.length) {
        yield picture;
        picture = null;
      }
    }
  }
}
