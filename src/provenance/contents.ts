import type { FileHandle } from "node:fs/promises";

/** A larger picture or video is not read whole: its manifest cannot be compared with all of it. */
export const MAX_WHOLE_BYTES = 64 << 20;
/** Of a larger picture, the beginning is searched for metadata. */
export const MAX_HEAD_BYTES = 16 << 20;
/** A larger box of metadata is not read. */
export const MAX_BOX_BYTES = 8 << 20;
/** Real files have a handful of top-level boxes; fragmented ones a few an interval. */
const MAX_BOXES = 10_000;

/** Kinds of files that can hold a C2PA manifest, by the names that c2pa-rs knows. */
export type MimeType =
  | "image/jpeg"
  | "image/png"
  | "image/webp"
  | "image/gif"
  | "image/tiff"
  | "image/avif"
  | "image/heic"
  | "video/mp4"
  | "video/quicktime"
  | "video/avi";

/** What the first 16 bytes say that a file is; null for kinds that hold no manifest. */
export function mimeTypeOf(head: Buffer): MimeType | null {
  const text = head.toString("latin1", 0, 16);
  if (text.startsWith("\xff\xd8\xff")) return "image/jpeg";
  if (text.startsWith("\x89PNG")) return "image/png";
  if (text.startsWith("GIF8")) return "image/gif";
  if (/^(?:II\*\0|MM\0\*)/.test(text)) return "image/tiff";
  if (/^RIFF....WEBP/s.test(text)) return "image/webp";
  if (/^RIFF....AVI /s.test(text)) return "video/avi";
  const brand = /^....(?:ftyp(.{4})|moov|mdat|wide|free|skip)/s.exec(text);
  if (!brand) return null;
  if (brand[1] === undefined || brand[1] === "qt  ") return "video/quicktime";
  if (/^avi[fs]$/.test(brand[1])) return "image/avif";
  return /^(?:hei[cxms]|hev[cxm]|mif1|msf1)$/.test(brand[1]) ? "image/heic" : "video/mp4";
}

/** A piece of a file, in bytes. */
export interface Piece {
  readonly start: number;
  readonly length: number;
}

/** Where the boxes of a video are that say something of its origin. */
export interface VideoBoxes {
  /** With its head. */
  readonly manifest: Piece | null;
  /** Without its head. */
  readonly xmp: Piece | null;
  /** Whether the boxes make no sense from some place on, or there are too many. */
  readonly breaksOff: boolean;
}

/** C2PA specification 2.2, "Embedding manifests into BMFF-based assets". */
const MANIFEST_UUID = "d8fec3d61b0e483c92975828877ec481";
/** XMP specification, part 3, "MPEG-4". */
const XMP_UUID = "be7acfcb97a942e89c71999491e3afac";

/**
 * Walks the boxes of an MP4 or MOV (ISO/IEC 14496-12) or the chunks of an AVI (RIFF); reads their heads alone. Of the
 * boxes within others only `moov/udta/XMP_` is looked for (XMP specification, part 3, "QuickTime").
 *
 * @param bytes size of the file
 */
export async function findVideoBoxes(
  file: FileHandle,
  bytes: number,
  mimeType: MimeType,
): Promise<VideoBoxes> {
  const isRiff = mimeType === "video/avi";
  const head = Buffer.alloc(32);
  let manifest: Piece | null = null;
  let xmp: Piece | null = null;
  let breaksOff = false;
  let boxes = 0;
  const walk = async (from: number, to: number, parent: string): Promise<void> => {
    for (let at = from; at + 8 <= to; ) {
      const { bytesRead } = await file.read(head, 0, 32, at);
      const { size, headBytes } = isRiff ? riffSize(head) : boxSize(head, bytesRead, to - at);
      if (size < headBytes || ++boxes > MAX_BOXES) {
        breaksOff = true;
        return;
      }
      const piece = { start: at, length: Math.min(size, to - at) };
      const body = (skip: number) => ({ start: at + skip, length: Math.max(0, piece.length - skip) });
      const type = head.toString("latin1", isRiff ? 0 : 4, isRiff ? 4 : 8);
      if (isRiff && type === "C2PA") manifest ??= piece;
      if (isRiff && type === "_PMX") xmp ??= body(headBytes);
      if (!isRiff && type === "uuid" && parent === "") {
        const id = head.toString("hex", headBytes, headBytes + 16);
        if (id === MANIFEST_UUID) manifest ??= piece;
        if (id === XMP_UUID) xmp ??= body(headBytes + 16);
      }
      if (type === "XMP_" && parent === "udta") xmp ??= body(headBytes);
      const isEntered = parent === "" ? type === "moov" : parent === "moov" && type === "udta";
      if (!isRiff && isEntered) await walk(at + headBytes, at + piece.length, type);
      at += size;
    }
  };
  await walk(isRiff ? 12 : 0, bytes, "");
  return { manifest, xmp, breaksOff };
}

interface BoxSize {
  /** Bytes of the box with its head. */
  readonly size: number;
  readonly headBytes: number;
}

function boxSize(head: Buffer, bytesRead: number, left: number): BoxSize {
  const small = head.readUInt32BE(0);
  if (small === 0) return { size: left, headBytes: 8 };
  if (small === 1 && bytesRead >= 16) return { size: Number(head.readBigUInt64BE(8)), headBytes: 16 };
  return { size: small, headBytes: 8 };
}

// Chunks are padded to an even length.
function riffSize(head: Buffer): BoxSize {
  const length = head.readUInt32LE(4);
  return { size: 8 + length + (length % 2), headBytes: 8 };
}

/** The piece's bytes; fewer where the file ends before. */
export async function readPiece(file: FileHandle, { start, length }: Piece): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, start + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return bytes.subarray(0, filled);
}

/** The type of a manifest store's description box: `c2pa` and the rest of its UUID (C2PA 2.2, "JUMBF labels"). */
const STORE_MARK = Buffer.from("6a756d6463327061001100108000 00aa00389b71".replaceAll(" ", ""), "hex");

/** Where a manifest store (JUMBF) lies in bytes; null where there is none. It is stored as it is in every container. */
export function findStore(bytes: Buffer): Piece | null {
  const mark = bytes.indexOf(STORE_MARK);
  if (mark < 12 || bytes.toString("latin1", mark - 8, mark - 4) !== "jumb") return null;
  const start = mark - 12;
  return { start, length: Math.min(bytes.readUInt32BE(start) || bytes.length, bytes.length - start) };
}
