import { open } from "node:fs/promises";

/** Limit of top-level boxes. Normal files have a handful, fragmented files a few per fragment. */
const maxBoxes = 10_000;

/**
 * Whether an MP4 or MOV ends before its last box, e.g. after a broken download. False for other containers. ffmpeg reports
 * this only when it decodes the missing part.
 *
 * Follows ISO/IEC 14496-12, section 4.2 (box: size uint32, type, and a uint64 size where the first is 1).
 */
export async function isCutShort(path: string, bytes: number): Promise<boolean> {
  const file = await open(path, "r");
  try {
    const header = Buffer.alloc(16);
    let at = 0;
    for (let box = 0; box < maxBoxes && at + 8 <= bytes; box++) {
      const { bytesRead } = await file.read(header, 0, 16, at);
      const type = header.toString("latin1", 4, 8);
      if (box === 0 && !/^(ftyp|moov|mdat|wide|free|skip|styp)$/.test(type)) return false;
      const small = header.readUInt32BE(0);
      // 0: to the end of the file
      if (small === 0) return false;
      const size = small === 1 && bytesRead === 16 ? Number(header.readBigUInt64BE(8)) : small;
      if (size < 8) return false;
      at += size;
    }
    return at > bytes;
  } finally {
    await file.close();
  }
}
