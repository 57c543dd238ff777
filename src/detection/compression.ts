import type { MediaInfo } from "../media/index.ts";

/**
 * Bits a pixel of H.264 below which no trace of a forgery need be left. Of the 62 held-out clips as they are and saved anew at
 * CRF 28 and 35 (`face` 0.6.0), 15 of the 43 forged ones below it were called authentic, with an AUC of about 0.65; of the 63
 * above it 12. Clips as they are have 0.024 to 0.09 (5% and 75%), at CRF 35 some 0.01.
 */
const LEAST_BITS_PER_PIXEL = 0.0125;
/** Codecs that need about half as many bits for the same picture (Ohm et al. 2012, of HEVC; Grois et al. 2013). */
const THRIFTY = /^(hevc|vvc|vp9|av1)$/;

type Coded = Pick<MediaInfo, "bitsPerPixel" | "codec">;

/** Whether a video is compressed so strongly that finding no trace of a forgery says nothing. */
export function isTooCompressed({ bitsPerPixel, codec }: Coded): boolean {
  return bitsPerPixel !== null && bitsPerPixel < leastBitsOf(codec);
}

/** What reports say of such a video, whatever its verdict: none of others. */
export function compressionWarnings({ path, ...coded }: Coded & Pick<MediaInfo, "path">): string[] {
  if (!isTooCompressed(coded)) return [];
  const { bitsPerPixel, codec } = coded;
  return [
    `${path} has ${bitsPerPixel!.toPrecision(2)} bits of ${codec} for each pixel of a frame: below ${leastBitsOf(codec)} traces of a forgery are often gone.`,
  ];
}

function leastBitsOf(codec: string): number {
  return THRIFTY.test(codec) ? LEAST_BITS_PER_PIXEL / 2 : LEAST_BITS_PER_PIXEL;
}
