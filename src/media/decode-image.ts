import { readFile } from "node:fs/promises";
import sharp, { type Metadata, type Sharp } from "sharp";
import { TelltaleError } from "../errors.ts";
import { checkFile } from "./check-file.ts";
import type { ByteSpan } from "./embedded.ts";
import { type ImageFormat, imageFormat } from "./image-format.ts";
import { maxImageBytes, maxImagePixels } from "./input-guards.ts";
import type { Frame } from "./types.ts";

/** Options for {@link decodeImage}. */
export interface DecodeImageOptions {
  /** Larger images are scaled down to this long side in pixels. Default 1920. */
  readonly maxSidePx?: number;
  /** Page, 0-based. Default 0. */
  readonly page?: number | undefined;
  /** Byte range of the file. Default all. */
  readonly span?: ByteSpan | undefined;
}

/** A still image in memory, with checked format and size. */
export interface LoadedImage {
  readonly format: Exclude<ImageFormat, "unsupported-image">;
  readonly bytes: Buffer;
  readonly metadata: Metadata;
}

/** Background of transparent pixels; grey avoids a hard black or white edge around a face. */
const backdrop = "#808080";

/**
 * Decodes a still image as an upright RGB frame at time 0. EXIF orientation is applied; colour profiles, CMYK, 16 bits and
 * greyscale are converted to 8-bit sRGB; transparency is flattened on mid grey.
 *
 * A truncated file is decoded as far as possible; the rest is grey, and `warnings` says so.
 *
 * @param input path, or the file's bytes. JPEG, PNG, WebP, AVIF, GIF, TIFF; HEIC where sharp was built with it.
 * @throws TelltaleError the file errors of `probe`, NOT_MEDIA, UNSUPPORTED_CONTAINER, MEDIA_TOO_LARGE (over
 * 200 megapixels or 512 MiB), DECODE_FAILED.
 */
export async function decodeImage(
  input: string | Buffer,
  options: DecodeImageOptions = {},
): Promise<Frame & { readonly warnings: readonly string[] }> {
  const name = typeof input === "string" ? input : "the image";
  const image = await loadImage(await bytesOf(input, options.span));
  const { maxSidePx = 1920, page = 0 } = options;
  try {
    return { ...(await render(image, { maxSidePx, page, failOn: "truncated" })), warnings: [] };
  } catch {
    const frame = await render(image, { maxSidePx, page, failOn: "none" }).catch((cause: unknown) => {
      throw undecodable(name, image.format, cause);
    });
    return { ...frame, warnings: [`${name} is cut short or damaged: the missing part is grey.`] };
  }
}

async function bytesOf(input: string | Buffer, span: ByteSpan | undefined): Promise<string | Buffer> {
  if (span === undefined) return input;
  const bytes = typeof input === "string" ? await readFile(input) : input;
  return bytes.subarray(span.start, span.end);
}

/** Reads the bytes and the header of a still image. Errors as {@link decodeImage}. */
export async function loadImage(input: string | Buffer): Promise<LoadedImage> {
  const name = typeof input === "string" ? input : "the image";
  const head =
    typeof input === "string" ? await checkFile(input) : { bytes: input.length, head: input.subarray(0, 64) };
  const format = imageFormat(head.head);
  if (format === null) {
    throw new TelltaleError(
      "NOT_MEDIA",
      `Expected a JPEG, PNG, WebP, AVIF, GIF or TIFF image but ${name} is none.`,
    );
  }
  if (format === "unsupported-image") throw unsupported(name, "an image of another format");
  if (head.bytes > maxImageBytes) {
    const sentence = `Expected an image of at most ${maxImageBytes >> 20} MiB but ${name} has ${head.bytes >> 20} MiB: save it smaller.`;
    throw new TelltaleError("MEDIA_TOO_LARGE", sentence);
  }
  // From memory, because libvips parses a trailing [...] in a file name as options.
  const bytes = typeof input === "string" ? await readFile(input) : input;
  const metadata = await sharp(bytes, { limitInputPixels: false, failOn: "none" })
    .metadata()
    .catch((cause: unknown) => {
      throw format === "heif" ? unsupported(name, "HEIC") : undecodable(name, format, cause);
    });
  const { width, height } = metadata;
  if (width * height > maxImagePixels) {
    const sentence = `Expected a picture of at most ${maxImagePixels / 1e6} megapixels but ${name} has ${width} x ${height}: save it smaller.`;
    throw new TelltaleError("MEDIA_TOO_LARGE", sentence);
  }
  if (metadata.format === "heif" && metadata.compression === "hevc" && !canDecodeHevc()) {
    throw unsupported(name, "HEIC");
  }
  return { format, bytes, metadata };
}

async function render(
  image: LoadedImage,
  { maxSidePx, page, failOn }: { maxSidePx: number; page: number; failOn: "truncated" | "none" },
): Promise<Frame> {
  const pipeline: Sharp = sharp(image.bytes, {
    limitInputPixels: maxImagePixels,
    failOn,
    autoOrient: true,
    ...(page > 0 ? { page } : {}),
  })
    .resize({ width: maxSidePx, height: maxSidePx, fit: "inside", withoutEnlargement: true })
    .flatten({ background: backdrop })
    .toColourspace("srgb")
    .removeAlpha()
    .raw({ depth: "uchar" });
  const { data, info } = await pipeline.toBuffer({ resolveWithObject: true });
  if (info.channels !== 3) throw new Error(`sharp gave ${info.channels} channels`);
  return {
    index: 0,
    timeSec: 0,
    width: info.width,
    height: info.height,
    data: new Uint8Array(data.buffer, data.byteOffset, data.length),
  };
}

// For patent reasons, the npm builds of sharp decode AV1 (AVIF) only; a build with a system libvips may decode HEVC.
function canDecodeHevc(): boolean {
  return sharp.format.heif.input.fileSuffix?.includes(".heic") ?? false;
}

function unsupported(name: string, what: string): TelltaleError {
  const sentence = `Expected an image that sharp can read but ${name} is ${what}: save it as JPEG, PNG, WebP or AVIF.`;
  return new TelltaleError("UNSUPPORTED_CONTAINER", sentence);
}

function undecodable(name: string, format: string, cause: unknown): TelltaleError {
  const sentence = `Expected a readable image but ${name}, by its first bytes ${format.toUpperCase()}, cannot be decoded: copy or download it again.`;
  return new TelltaleError("DECODE_FAILED", sentence, { cause });
}
