import { open } from "node:fs/promises";

const chunkBytes = 4 << 20;
/** Number of bytes that are needed to recognise a start. */
const windowBytes = 2048;

/** Boxes that may follow the first one of an MP4. */
const secondBox = /^(moov|mdat|free|skip|wide|moof|uuid|styp|sidx|meta)$/;

/** Signature of a container: its bytes, their offset from the start, and a further check. */
interface Signature {
  readonly bytes: Buffer;
  readonly offset: number;
  readonly isStart: (window: Buffer, start: number) => boolean;
}

const signatures: readonly Signature[] = [
  {
    // MP4, MOV (ISO/IEC 14496-12): a size, brands of four letters, and then another box.
    bytes: Buffer.from("ftyp"),
    offset: 4,
    isStart: (window, start) => {
      const size = window.readUInt32BE(start);
      const brand = window.toString("latin1", start + 8, start + 12);
      const next = window.toString("latin1", start + size + 4, start + size + 8);
      return size >= 16 && size <= 1024 && /^[\w ]{4}$/.test(brand) && secondBox.test(next);
    },
  },
  {
    // Matroska, WebM (RFC 9559): the EBML header names its document type.
    bytes: Buffer.from([0x1a, 0x45, 0xdf, 0xa3]),
    offset: 0,
    isStart: (window, start) => /webm|matroska/.test(window.toString("latin1", start, start + 64)),
  },
  {
    // AVI. Later segments are AVIX.
    bytes: Buffer.from("AVI LIST"),
    offset: 8,
    isStart: (window, start) => window.toString("latin1", start, start + 4) === "RIFF",
  },
  {
    // Flash Video: the size of its header is always 9.
    bytes: Buffer.from("FLV\x01", "latin1"),
    offset: 0,
    isStart: (window, start) => window.readUInt32BE(start + 5) === 9,
  },
  {
    // ASF, WMV: the identifier of the header object.
    bytes: Buffer.from("3026b2758e66cf11a6d900aa0062ce6c", "hex"),
    offset: 0,
    isStart: () => true,
  },
  {
    // Ogg (RFC 3533): a page that begins a logical stream of video.
    bytes: Buffer.from("OggS\0\x02", "latin1"),
    offset: 0,
    isStart: (window, start) => /theora|OVP80/.test(window.toString("latin1", start, start + 64)),
  },
  {
    bytes: Buffer.from("GIF8"),
    offset: 0,
    // After the trailer of another GIF.
    isStart: (window, start) =>
      start > 0 &&
      window[start - 1] === 0x3b &&
      /[79]a/.test(window.toString("latin1", start + 4, start + 6)),
  },
];

/**
 * Finds the starts of video containers by their signatures.
 *
 * @param from first position
 * @param to end of the positions, exclusive; `bytes` should continue after it
 */
export function containerStarts(bytes: Buffer, from = 0, to = bytes.length): number[] {
  const starts = new Set<number>();
  for (const { bytes: signature, offset, isStart } of signatures) {
    let at = bytes.indexOf(signature, from + offset);
    for (; at !== -1 && at - offset < to; at = bytes.indexOf(signature, at + 1)) {
      const start = at - offset;
      if (start + 16 <= bytes.length && isStart(bytes, start)) starts.add(start);
    }
  }
  return [...starts].sort((a, b) => a - b);
}

/** Starts of further video containers after the first one, in concatenated files. */
export async function laterContainers(path: string, bytes: number): Promise<number[]> {
  const starts: number[] = [];
  const file = await open(path, "r");
  try {
    const piece = Buffer.alloc(Math.min(bytes, chunkBytes + 2 * windowBytes));
    for (let chunk = 0; chunk < bytes; chunk += chunkBytes) {
      const first = Math.max(0, chunk - windowBytes);
      const { bytesRead } = await file.read(piece, 0, piece.length, first);
      const [from, to] = [Math.max(1, chunk) - first, chunk + chunkBytes - first];
      for (const start of containerStarts(piece.subarray(0, bytesRead), from, to)) starts.push(first + start);
    }
  } finally {
    await file.close();
  }
  return starts;
}
