import sharp, { type Sharp } from "sharp";
import type { Picture } from "./types.ts";

/** How to make a JPEG. */
export interface JpegOptions {
  /** 1 to 100. */
  readonly quality: number;
  /** Longer pictures are scaled down to this many pixels on the long side; as they are when left out. */
  readonly maxSidePx?: number;
  /** Whether colour keeps its full resolution; false when left out. */
  readonly hasFullColor?: boolean;
}

/** A picture as JPEG. @param picture RGB uint8 [height, width, 3] */
export async function encodeJpeg(picture: Picture, options: JpegOptions): Promise<Uint8Array> {
  const { quality, maxSidePx, hasFullColor = false } = options;
  let image = raw(picture);
  if (maxSidePx !== undefined) {
    image = image.resize({ width: maxSidePx, height: maxSidePx, fit: "inside", withoutEnlargement: true });
  }
  return image.jpeg({ quality, chromaSubsampling: hasFullColor ? "4:4:4" : "4:2:0" }).toBuffer();
}

/** A picture as PNG, without loss. @param picture RGB uint8 [height, width, 3] */
export async function encodePng(picture: Picture): Promise<Uint8Array> {
  return raw(picture).png().toBuffer();
}

/** A picture at another size. @param picture RGB uint8 [height, width, 3] */
export async function resizePicture(
  picture: Picture,
  size: { readonly width: number; readonly height: number },
): Promise<Picture> {
  const data = await raw(picture)
    .resize({ ...size, fit: "fill" })
    .raw()
    .toBuffer();
  return { ...size, data: new Uint8Array(data.buffer, data.byteOffset, data.length) };
}

/** A picture out of focus. @param options.sigmaPx of the Gaussian, 0.3 to 1000 */
export async function blurPicture(
  picture: Picture,
  { sigmaPx }: { readonly sigmaPx: number },
): Promise<Picture> {
  const data = await raw(picture).blur(sigmaPx).raw().toBuffer();
  return { ...picture, data: new Uint8Array(data.buffer, data.byteOffset, data.length) };
}

function raw({ width, height, data }: Picture): Sharp {
  return sharp(data, { raw: { width, height, channels: 3 } });
}
