import { readFile } from "node:fs/promises";
import { mimeTypeOf } from "./contents.ts";

/** A larger picture is handed to the thread without a look. */
const MAX_BYTES = 4 << 20;

/**
 * What every kind of metadata that is read begins with, by kind of picture: EXIF, XMP, IPTC, comments, texts and C2PA
 * manifests. Found by chance in coded pixels, they cost a look.
 */
const marks: Readonly<Record<string, readonly string[]>> = {
  "image/jpeg": ["Exif\0", "http://ns.adobe.com/", "Photoshop 3.0", "\xff\xfe", "jumdc2pa"],
  "image/png": ["tEXt", "zTXt", "iTXt", "eXIf", "caBX", "jumdc2pa"],
  "image/webp": ["EXIF", "XMP ", "C2PA", "jumdc2pa"],
};

/** Whether a picture surely says nothing of itself, so that nothing needs to be loaded to read it. */
export async function isBarePicture(path: string, bytes: number): Promise<boolean> {
  if (bytes > MAX_BYTES) return false;
  const content = await readFile(path).catch(() => null);
  const wanted = content && marks[mimeTypeOf(content) ?? ""];
  return wanted ? !wanted.some((mark) => content.includes(mark, 0, "latin1")) : false;
}
