import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { access, mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { TelltaleError } from "../errors.ts";

/**
 * Writes a file whole or not at all: beside its place first, then renamed into it.
 *
 * @throws TelltaleError `OUTPUT_UNWRITABLE`; whatever stood there before still does
 */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const beside = join(dirname(path), `.${basename(path)}.${randomBytes(4).toString("hex")}.tmp`);
  try {
    await writeFile(beside, content, { flag: "wx" });
    await rename(beside, path);
  } catch (cause) {
    await rm(beside, { force: true });
    throw unwritable(path, cause);
  }
}

/**
 * Makes sure, before hours of work, that {@link writeWhole} will be able to write there.
 *
 * @throws TelltaleError `OUTPUT_UNWRITABLE`
 */
export async function checkWritable(path: string): Promise<void> {
  try {
    await access(dirname(path), constants.W_OK);
  } catch (cause) {
    throw unwritable(path, cause);
  }
  const there = await stat(path).catch(() => null);
  if (there?.isDirectory()) throw unwritable(path, Object.assign(new Error(), { code: "EISDIR" }));
}

/**
 * Makes a folder, and those above it, unless it is there.
 *
 * @throws TelltaleError `OUTPUT_UNWRITABLE`
 */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
    await access(path, constants.W_OK);
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

function unwritable(path: string, cause: unknown): TelltaleError {
  const why = (cause as NodeJS.ErrnoException).code ?? String(cause);
  return new TelltaleError(
    "OUTPUT_UNWRITABLE",
    `Expected to write ${path} but could not (${why}); give a path in a folder that exists and that you may write to.`,
    { cause },
  );
}
