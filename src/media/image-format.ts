/** Still-image format. `heif`: HEIC and similar; `unsupported-image`: a known image format that cannot be decoded. */
export type ImageFormat = "jpeg" | "png" | "webp" | "gif" | "tiff" | "avif" | "heif" | "unsupported-image";

/** JPEG XL (bare and boxed), JPEG 2000, Photoshop. */
const otherSignatures = ["\xff\x0a", "\0\0\0\x0cJXL ", "\0\0\0\x0cjP  ", "8BPS"];

/**
 * Detects the format of a still image by its first bytes; null for other files.
 *
 * Formats that can reference other files (SVG, PDF) are not treated as images.
 */
export function imageFormat(head: Uint8Array): ImageFormat | null {
  const text = Buffer.from(head).toString("latin1");
  if (text.startsWith("\xff\xd8\xff")) return "jpeg";
  if (text.startsWith("\x89PNG\r\n\x1a\n")) return "png";
  if (/^GIF8[79]a/.test(text)) return "gif";
  if (text.startsWith("RIFF") && text.slice(8, 12) === "WEBP") return "webp";
  if (text.startsWith("II*\0") || text.startsWith("MM\0*")) return "tiff";
  if (text.slice(4, 8) === "ftyp") return heifBrand(text);
  if (otherSignatures.some((signature) => text.startsWith(signature))) return "unsupported-image";
  // Windows bitmap; the four reserved bytes are checked too, because two letters are ambiguous
  if (text.startsWith("BM") && text.slice(6, 10) === "\0\0\0\0") return "unsupported-image";
  return null;
}

// ISO/IEC 23008-12 (HEIF), annex B: major brand at byte 8, compatible brands from byte 16.
function heifBrand(text: string): ImageFormat | null {
  const major = text.slice(8, 12);
  const brands = [major, ...(text.slice(16).match(/[\s\S]{4}/g) ?? [])];
  // Image sequences have tracks and are treated as videos.
  if (/^(avis|msf1|hevc|hevx)$/.test(major)) return null;
  if (major === "avif") return "avif";
  if (/^hei[cxms]$/.test(major)) return "heif";
  if (major === "mif1") return brands.includes("avif") ? "avif" : "heif";
  return null;
}
