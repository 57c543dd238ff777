import { isUtf8 } from "node:buffer";
import { join, sep } from "node:path";

/** A file's path below the audited folder. File names on Linux are bytes and need not be UTF-8. */
export interface FileName {
  readonly bytes: Buffer;
  /** For display, separated by `/`; invalid UTF-8 becomes U+FFFD. */
  readonly text: string;
}

/** @param bytes relative path with the system's separator */
export function fileName(bytes: Buffer): FileName {
  const text = bytes.toString("utf8");
  return { bytes, text: sep === "/" ? text : text.replaceAll(sep, "/") };
}

/** The bytes of a name that is not UTF-8 in base64; otherwise null. */
export function base64Of({ bytes }: FileName): string | null {
  return isUtf8(bytes) ? null : bytes.toString("base64");
}

/** The path of a file below a folder, in bytes. */
export function pathBelow(folder: string, { bytes }: FileName): Buffer {
  return Buffer.concat([Buffer.from(join(folder, sep)), bytes]);
}
