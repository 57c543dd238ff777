import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { checkFile } from "./check-file.ts";

/** Hash and size of a file. */
export interface Fingerprint {
  /** SHA-256 in lower-case hexadecimal. */
  readonly sha256: string;
  readonly bytes: number;
}

/**
 * Computes the SHA-256 of a file, read as a stream.
 *
 * @throws TelltaleError FILE_MISSING, IS_DIRECTORY, FILE_UNREADABLE, FILE_EMPTY; the reason of the signal after an abort
 */
export async function fingerprint(
  path: string,
  options: { signal?: AbortSignal } = {},
): Promise<Fingerprint> {
  await checkFile(path);
  const hash = createHash("sha256");
  let bytes = 0;
  // Polls the signal, because one signal is shared by all files of an audit and would collect listeners.
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    options.signal?.throwIfAborted();
    bytes += (chunk as Buffer).length;
    hash.update(chunk as Buffer);
  }
  return { sha256: hash.digest("hex"), bytes };
}
