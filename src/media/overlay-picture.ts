import { writeFile } from "node:fs/promises";
import sharp from "sharp";
import type { Picture } from "./types.ts";

/**
 * Composites a transparent overlay on a picture and writes a PNG.
 *
 * @param picture RGB uint8 [height, width, 3]
 * @param overlay RGBA uint8 [height, width, 4] of the same size, straight alpha
 */
export async function overlayPicture(picture: Picture, overlay: Uint8Array, path: string): Promise<void> {
  const { width, height, data } = picture;
  const png = await sharp(data, { raw: { width, height, channels: 3 } })
    .composite([
      {
        input: Buffer.from(overlay.buffer, overlay.byteOffset, overlay.length),
        raw: { width, height, channels: 4 },
      },
    ])
    .png()
    .toBuffer();
  await writeFile(path, png);
}
