import { open } from "node:fs/promises";
import { probe, readJpegHeader } from "../media/index.ts";

/** Enough for JPEG tables and the frame header, after profiles and thumbnails. */
const HEADER_BYTES = 256 * 1024;

/** Metadata of a file, numeric and categorical. */
export interface FileTraits {
  /** Null if the file has no such value. */
  readonly numbers: Readonly<Record<string, number | null>>;
  readonly words: Readonly<Record<string, string>>;
}

/**
 * Reads a file's metadata: size, bytes, format, JPEG tables, rates. Sizes and rates are logarithms to base 2.
 *
 * @throws TelltaleError as `probe`
 */
export async function readTraits(path: string, signal?: AbortSignal): Promise<FileTraits> {
  const info = await probe(path, signal ? { signal } : {});
  const { width, height, bytes, durationSec, fps, frameCount } = info;
  const jpeg = info.codec === "jpeg" ? readJpegHeader(await readStart(path)) : null;
  const pixels = width * height * Math.max(1, frameCount ?? (durationSec ?? 1) * (fps ?? 1));
  return {
    numbers: {
      width: Math.log2(width),
      height: Math.log2(height),
      "aspect ratio": Math.log2(width / height),
      bytes: Math.log2(bytes),
      "bits per pixel": Math.log2((8 * bytes) / pixels),
      "JPEG quality": jpeg?.quality ?? null,
      duration: durationSec === null ? null : Math.log2(Math.max(0.01, durationSec)),
      "frame rate": fps,
    },
    words: {
      container: info.container,
      codec: info.codec,
      "pixel format": info.pixelFormat ?? "unknown",
      sound: String(info.hasAudio),
      "variable frame rate": String(info.isVariableFrameRate),
      rotation: String(info.rotationDeg),
      "quantisation tables": jpeg?.tables ?? "none",
      "colour sampling": jpeg?.sampling ?? "none",
      progressive: String(jpeg?.isProgressive ?? false),
      EXIF: String(jpeg?.hasExif ?? false),
      "colour profile": String(jpeg?.hasProfile ?? false),
    },
  };
}

async function readStart(path: string): Promise<Uint8Array> {
  const file = await open(path, "r");
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEADER_BYTES), 0, HEADER_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
