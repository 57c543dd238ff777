import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { checkFile } from "./check-file.ts";

/** What identifies a file's content. */
export interface Fingerprint {
  /** SHA-256 in lower-case hexadecimal. */
  readonly sha256: string;
  readonly bytes: number;
}

/**
 * SHA-256 and size of a file, read as a stream.
 *
 * @throws TelltaleError FILE_MISSING, IS_DIRECTORY, FILE_UNREADABLE, FILE_EMPTY; ABORTED is the signal's own error.
 */
export async function fingerprint(
  path: string,
  options: { signal?: AbortSignal } = {},
): Promise<Fingerprint> {
  await checkFile(path);
  const hash = createHash("sha256");
  let bytes = 0;
  // A signal is asked and not listened to: the same one goes with every file of an audit.
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    options.signal?.throwIfAborted();
    bytes += (chunk as Buffer).length;
    hash.update(chunk as Buffer);
  }
  return { sha256: hash.digest("hex"), bytes };
}
