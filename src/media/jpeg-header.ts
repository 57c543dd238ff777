import { createHash } from "node:crypto";

/** Header data of a JPEG (ITU-T T.81, annex B). */
export interface JpegHeader {
  /** Equivalent quality of libjpeg, 1 to 100, from the first quantisation table; null without one. */
  readonly quality: number | null;
  /** Hash of the quantisation tables. */
  readonly tables: string;
  /** Sampling factors of the components, e.g. `2x2,1x1,1x1` for 4:2:0. */
  readonly sampling: string;
  readonly isProgressive: boolean;
  readonly hasExif: boolean;
  readonly hasProfile: boolean;
}

/** Luminance table of T.81, annex K, in zigzag order, which libjpeg scales by the quality. */
const standardLuminance = [
  16, 11, 12, 14, 12, 10, 16, 14, 13, 14, 18, 17, 16, 19, 24, 40, 26, 24, 22, 22, 24, 49, 35, 37, 29, 40, 58,
  51, 61, 60, 57, 51, 56, 55, 64, 72, 92, 78, 64, 68, 87, 69, 55, 56, 80, 109, 81, 87, 95, 98, 103, 104, 103,
  62, 77, 113, 121, 112, 100, 120, 92, 101, 103, 99,
];

/** Reads the segments of a JPEG up to the first scan; null for other data. */
export function readJpegHeader(bytes: Uint8Array): JpegHeader | null {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.length < 4 || view.readUInt16BE(0) !== 0xffd8) return null;
  const tables = createHash("sha256");
  let quality: number | null = null;
  let sampling = "";
  let [isProgressive, hasExif, hasProfile] = [false, false, false];
  for (let at = 2; at + 4 <= view.length && view[at] === 0xff; ) {
    const marker = view[at + 1]!;
    // Padding before a marker.
    if (marker === 0xff) {
      at++;
      continue;
    }
    if (marker === 0xda || marker === 0xd9) break;
    const length = view.readUInt16BE(at + 2);
    const segment = view.subarray(at + 4, at + 2 + length);
    if (marker === 0xdb) {
      tables.update(segment);
      quality ??= qualityOf(segment);
    }
    // Frame headers SOF0 to SOF15, which DHT, JPG and DAC are not.
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      isProgressive = marker === 0xc2;
      const count = Math.min(segment[5] ?? 0, Math.floor((segment.length - 6) / 3));
      const factors = Array.from({ length: count }, (_, i) => segment[7 + 3 * i]!);
      sampling = factors.map((factor) => `${factor >> 4}x${factor & 15}`).join(",");
    }
    const name = segment.toString("latin1", 0, 11);
    if (marker === 0xe1) hasExif ||= name.startsWith("Exif");
    if (marker === 0xe2) hasProfile ||= name === "ICC_PROFILE";
    at += 2 + Math.max(2, length);
  }
  return { quality, tables: tables.digest("hex").slice(0, 8), sampling, isProgressive, hasExif, hasProfile };
}

/** Inverts the quality scaling of libjpeg. */
function qualityOf(segment: Buffer): number | null {
  const is16Bit = segment[0]! >> 4 === 1;
  if (segment.length < 1 + 64 * (is16Bit ? 2 : 1)) return null;
  const values = standardLuminance.map((_, i) =>
    is16Bit ? segment.readUInt16BE(1 + 2 * i) : segment[1 + i]!,
  );
  if (values.every((value) => value === 1)) return 100;
  // Clipped entries do not determine the scale.
  const scales = values.flatMap((value, i) =>
    value > 1 && value < 255 ? [(100 * value) / standardLuminance[i]!] : [],
  );
  if (scales.length === 0) return null;
  const scale = scales.reduce((sum, value) => sum + value, 0) / scales.length;
  return Math.min(100, Math.max(1, Math.round(scale <= 100 ? (200 - scale) / 2 : 5000 / scale)));
}
