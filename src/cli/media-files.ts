import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { meaningOf, TelltaleError } from "../errors.ts";

/** Whether an error says that the file is simply something else. */
export function isNotMedia(error: unknown): boolean {
  return error instanceof TelltaleError && meaningOf(error.code).isNotMedia === true;
}

/**
 * Every file in a folder and the folders in it, in order of paths; hidden ones are left out.
 *
 * @throws TelltaleError `FILE_MISSING`
 */
export async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch((cause: unknown) => {
    throw new TelltaleError("FILE_MISSING", `Expected a folder at ${folder} but it cannot be read.`, {
      cause,
    });
  });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter(
      (path) =>
        !path
          .slice(folder.length)
          .split(/[\\/]/)
          .some((part) => part.startsWith(".")),
    )
    .sort();
}
