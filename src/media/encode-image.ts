import sharp, { type Sharp } from "sharp";
import type { Picture } from "./types.ts";

/** Options for {@link encodeJpeg}. */
export interface JpegOptions {
  /** 1 to 100. */
  readonly quality: number;
  /** Larger pictures are scaled down to this long side in pixels. Default: no scaling. */
  readonly maxSidePx?: number;
  /** Disables chroma subsampling. Default false. */
  readonly hasFullColor?: boolean;
}

/** Encodes a picture as JPEG. @param picture RGB uint8 [height, width, 3] */
export async function encodeJpeg(picture: Picture, options: JpegOptions): Promise<Uint8Array> {
  const { quality, maxSidePx, hasFullColor = false } = options;
  let image = raw(picture);
  if (maxSidePx !== undefined) {
    image = image.resize({ width: maxSidePx, height: maxSidePx, fit: "inside", withoutEnlargement: true });
  }
  return image.jpeg({ quality, chromaSubsampling: hasFullColor ? "4:4:4" : "4:2:0" }).toBuffer();
}

/** Encodes a picture as PNG. @param picture RGB uint8 [height, width, 3] */
export async function encodePng(picture: Picture): Promise<Uint8Array> {
  return raw(picture).png().toBuffer();
}

/** Resizes a picture. @param picture RGB uint8 [height, width, 3] */
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

/** Blurs a picture. @param options.sigmaPx sigma of the Gaussian in pixels, 0.3 to 1000 */
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
