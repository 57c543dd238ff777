import { open, stat } from "node:fs/promises";
import { TelltaleError } from "../errors.ts";

/** Size and first bytes of a file. */
export interface CheckedFile {
  readonly bytes: number;
  /** First bytes, at most 64. */
  readonly head: Uint8Array;
}

/**
 * Rejects everything that is not a readable, non-empty regular file, and reads the first bytes.
 *
 * @throws TelltaleError FILE_MISSING, IS_DIRECTORY, FILE_UNREADABLE, FILE_EMPTY.
 */
export async function checkFile(path: string): Promise<CheckedFile> {
  const entry = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "EACCES") throw unreadable(path, cause);
    throw new TelltaleError("FILE_MISSING", `Expected a file at ${path} but there is none: check the path.`, {
      cause,
    });
  });
  if (entry.isDirectory()) {
    const sentence = `Expected a file but ${path} is a folder: name the files in it.`;
    throw new TelltaleError("IS_DIRECTORY", sentence);
  }
  if (!entry.isFile()) {
    const sentence = `Expected a regular file but ${path} is a device, pipe or socket: save its content to a file first.`;
    throw new TelltaleError("FILE_UNREADABLE", sentence);
  }
  if (entry.size === 0) {
    const sentence = `Expected a video or an image but ${path} is empty: copy or download it again.`;
    throw new TelltaleError("FILE_EMPTY", sentence);
  }
  const file = await open(path, "r").catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  try {
    const head = new Uint8Array(64);
    const { bytesRead } = await file.read(head, 0, head.length, 0);
    return { bytes: entry.size, head: head.subarray(0, bytesRead) };
  } finally {
    await file.close();
  }
}

function unreadable(path: string, cause: unknown): TelltaleError {
  const sentence = `Expected to read ${path} but permission was denied: give this user read access.`;
  return new TelltaleError("FILE_UNREADABLE", sentence, { cause });
}
