import { containerStarts } from "./container-starts.ts";

/** A byte range of a file. */
export interface ByteSpan {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

/** Embedded media of an image file. */
export interface Embedded {
  /** Clips, e.g. of motion photos. */
  readonly videos: readonly ByteSpan[];
  /** Further JPEG pictures of a multi-picture file (CIPA DC-007), without thumbnails and gain maps. */
  readonly pictures: readonly ByteSpan[];
}

/** Finds embedded clips and pictures by their signatures. */
export function findEmbedded(bytes: Buffer): Embedded {
  return { videos: findVideos(bytes), pictures: findPictures(bytes) };
}

function findVideos(bytes: Buffer): ByteSpan[] {
  return spansFrom(containerStarts(bytes, 5), bytes.length);
}

/** Byte ranges from each start to the next; the last one ends with the file. */
export function spansFrom(starts: readonly number[], endOfFile: number): ByteSpan[] {
  return starts.map((start, i) => ({ start, end: starts[i + 1] ?? endOfFile }));
}

const thumbnailTypes = [0x010001, 0x010002];

function findPictures(bytes: Buffer): ByteSpan[] {
  if (bytes.length < 4 || bytes.readUInt16BE(0) !== 0xffd8) return [];
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff; at += 2 + bytes.readUInt16BE(at + 2)) {
    if (bytes[at + 1] === 0xda) break;
    if (bytes[at + 1] === 0xe2 && bytes.toString("latin1", at + 4, at + 8) === "MPF\0") {
      return readIndex(bytes, at + 8).filter((span) => isPicture(bytes, span));
    }
  }
  return [];
}

/** Entries of a multi-picture index with the TIFF header at `base`, without the first picture. */
function readIndex(bytes: Buffer, base: number): ByteSpan[] {
  const isLittle = bytes.toString("latin1", base, base + 2) === "II";
  const u16 = (at: number) => (isLittle ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const u32 = (at: number) => (isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  try {
    const directory = base + u32(base + 4);
    for (let i = 0; i < u16(directory); i++) {
      const tag = directory + 2 + 12 * i;
      // 0xB002: list of entries with 16 bytes each.
      if (u16(tag) !== 0xb002) continue;
      const entries = base + u32(tag + 8);
      return Array.from({ length: Math.min(64, u32(tag + 4) >> 4) }, (_, k) => entries + 16 * k).flatMap(
        (at) => {
          const [attributes, length, offset] = [u32(at), u32(at + 4), u32(at + 8)];
          if (offset === 0 || thumbnailTypes.includes(attributes & 0xffffff)) return [];
          return [{ start: base + offset, end: Math.min(bytes.length, base + offset + length) }];
        },
      );
    }
  } catch {
    // The index points outside the file.
  }
  return [];
}

/** Whether a range is a JPEG and not a gain map (Ultra HDR, ISO 21496-1). */
function isPicture(bytes: Buffer, { start, end }: ByteSpan): boolean {
  if (end - start < 4 || bytes.readUInt32BE(start) >>> 8 !== 0xffd8ff) return false;
  const head = bytes.toString("latin1", start, Math.min(end, start + 65536));
  return !/hdrgm|urn:iso:std:iso:ts:21496|HDRGainMap/.test(head);
}
