import { isUtf8 } from "node:buffer";
import { join, sep } from "node:path";

/**
 * A file's path below the audited folder. Its bytes are what the system knows it by: a name from another system need
 * not be UTF-8.
 */
export interface FileName {
  readonly bytes: Buffer;
  /** For people: bytes that are no UTF-8 show as U+FFFD. */
  readonly text: string;
}

/** @param bytes relative path, parts joined by the system's separator */
export function fileName(bytes: Buffer): FileName {
  const text = bytes.toString("utf8");
  return { bytes, text: sep === "/" ? text : text.replaceAll(sep, "/") };
}

/** The bytes of a name where its text does not say them; null where it does. */
export function base64Of({ bytes }: FileName): string | null {
  return isUtf8(bytes) ? null : bytes.toString("base64");
}

/** The path of a file below a folder, in bytes. */
export function pathBelow(folder: string, { bytes }: FileName): Buffer {
  return Buffer.concat([Buffer.from(join(folder, sep)), bytes]);
}
