import sharp from "sharp";
import { type Tensor4D, tf } from "../engine/index.ts";
import { writeWhole } from "../files/write-file.ts";

/** A grid of images. */
export interface PictureGrid {
  readonly width: number;
  readonly height: number;
  /** RGB uint8 [height, width, 3]. */
  readonly data: Uint8Array;
}

/** Maps [-1, 1] to 0 to 255, clipped. @returns RGB uint8 [N, S, S, 3] */
export function toBytes(images: Tensor4D): Uint8Array {
  const scaled = tf.tidy(() => tf.clipByValue(tf.add(tf.mul(images, 127.5), 127.5), 0, 255));
  const values = scaled.dataSync();
  scaled.dispose();
  return Uint8Array.from(values, (value) => value + 0.5);
}

/**
 * Arranges images in rows; the rest of the last row is black.
 *
 * @param pictures RGB uint8 [N, side, side, 3]
 */
export function layOut(pictures: Uint8Array, side: number, columns: number): PictureGrid {
  const bytes = side * side * 3;
  const count = pictures.length / bytes;
  const width = columns * side;
  const height = Math.ceil(count / columns) * side;
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < count; i++) {
    const left = (i % columns) * side;
    const top = Math.floor(i / columns) * side;
    for (let row = 0; row < side; row++) {
      const begin = i * bytes + row * side * 3;
      data.set(pictures.subarray(begin, begin + side * 3), ((top + row) * width + left) * 3);
    }
  }
  return { width, height, data };
}

/** Writes a grid as PNG. */
export async function writeGrid(path: string, { width, height, data }: PictureGrid): Promise<void> {
  const png = await sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
  await writeWhole(path, png);
}
